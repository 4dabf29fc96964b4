import logging
import signal

import pytest

from unet2015 import cli
from unet2015.errors import InputError


@pytest.fixture(autouse=True)
def _quiet_afterwards(monkeypatch):
    """Undo what a program does to logging and signals."""
    root, handler = logging.getLogger(), signal.getsignal(signal.SIGTERM)
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.argv", ["program.py"])
    yield
    for added in set(root.handlers) - set(handlers):
        added.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    signal.signal(signal.SIGTERM, handler)


def raising(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (InputError("side is 5, expected 16"), 1, "error: side is 5, expected 16\n"),
        (OSError(28, "No space left"), 1, "error: [Errno 28] No space left\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (SystemExit(3), 3, ""),
    ],
)
def test_expected_failures_are_one_line(capsys, failure, status, message):
    with pytest.raises(SystemExit) as stop:
        cli.run(raising(failure))
    assert stop.value.code == status
    assert capsys.readouterr().err == message


def test_unexpected_failure_shows_the_traceback(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.run(raising(KeyError("oops")))
    assert stop.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith("unexpected error; please report it\nTraceback")
    assert "KeyError: 'oops'" in shown


def test_termination_ends_like_an_interruption():
    cleaned = []

    def main():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            cleaned.append(True)

    with pytest.raises(SystemExit) as stop:
        cli.run(main)
    assert stop.value.code == 143
    assert cleaned


def test_success_is_silent(capsys):
    cli.run(lambda: None)
    assert capsys.readouterr() == ("", "")


def test_log_file_gets_messages_and_traceback(tmp_path, monkeypatch):
    log = tmp_path / "deep" / "a.log"
    monkeypatch.setattr("sys.argv", ["program.py", f"--log={log}"])

    def main():
        cli.arguments(cli.parser("A program."))
        logging.info("half way")
        raise ZeroDivisionError

    with pytest.raises(SystemExit):
        cli.run(main)
    assert log.read_text().startswith("half way\nunexpected error")
    assert "ZeroDivisionError" in log.read_text()


def test_help_shows_defaults_and_keeps_the_lines(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["program.py", "--help"])
    parser = cli.parser("First line.\n\nInput:  a file.")
    parser.add_argument("--sigma", type=float, default=5.0, help="decay, pixels")
    with pytest.raises(SystemExit):
        cli.arguments(parser)
    shown = capsys.readouterr().out
    assert "Input:  a file." in shown
    assert "decay, pixels (default: 5.0)" in shown
