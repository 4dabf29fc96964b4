import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unet2015 import cli
from unet2015.errors import InputError


def raising(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (InputError("side is 5, expected 16"), 1, "error: side is 5, expected 16\n"),
        (OSError(28, "No space left"), 1, "error: [Errno 28] No space left\n"),
        (
            MemoryError("cannot allocate"),
            1,
            "error: the memory does not suffice (cannot allocate); free some\n",
        ),
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


def test_progress_is_shown_on_a_terminal_alone(capfd):
    assert list(cli.progress(range(3), unit="thing")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")


def test_progress_of_a_piped_program_is_shown_on_the_terminal():
    # As in a rule: what is printed goes through a pipe, 3 is the terminal.
    program = "from unet2015 import cli; print(list(cli.progress(range(3))))"
    terminal, seen = os.openpty()
    run = subprocess.run(
        ["bash", "-c", '"$0" -c "$1" 3>&2 2>&1 | cat', sys.executable, program],
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=seen,
        text=True,
        check=True,
    )
    assert run.stdout == "[0, 1, 2]\n"
    assert b"3/3" in os.read(terminal, 9999)
    os.close(terminal)
    os.close(seen)


def test_seconds_of_a_block_are_written(tmp_path):
    with cli.timed(tmp_path / "a.json"):
        time.sleep(0.02)
    assert 0.02 <= json.loads((tmp_path / "a.json").read_text())["seconds"] < 5
    with cli.timed(None):
        pass


def test_help_shows_defaults_and_keeps_the_lines(capsys):
    parser = cli.parser("First line.\n\nInput:  a file.")
    parser.add_argument("--sigma", type=float, default=5.0, help="decay, pixels")
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    shown = capsys.readouterr().out
    assert "Input:  a file." in shown
    assert "decay, pixels (default: 5.0)" in shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (59.4, "59.4 s"), (59.6, "1 min 0 s"), (3599.7, "1 h 0 min")],
)
def test_durations_never_show_sixty(seconds, shown):
    assert cli.duration(seconds) == shown
