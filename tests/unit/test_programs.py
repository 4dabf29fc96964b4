import runpy
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAMS = sorted([*SCRIPTS.glob("*.py"), *SCRIPTS.glob("benchmarks/benchmark_*.py")])


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a program in this process; return its status and what it prints."""

    def run(path, *arguments):
        monkeypatch.setattr("sys.argv", [path.name, *arguments])
        monkeypatch.setattr("signal.signal", lambda *_: None)
        monkeypatch.setattr("logging.basicConfig", lambda **_: None)
        with pytest.raises(SystemExit) as stop:
            runpy.run_path(str(path), run_name="__main__")
        return stop.value.code, capsys.readouterr()

    return run


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_help_says_what_the_program_does(run, path):
    status, shown = run(path, "--help")
    assert status == 0
    assert shown.out.startswith(f"usage: {path.name}")
    first_sentence = path.read_text().split('"""')[1].split("\n")[0]
    assert first_sentence in shown.out
    assert "--log" in shown.out


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_unknown_argument_is_refused(run, path):
    status, shown = run(path, "--nonsense")
    assert status == 2
    assert "usage:" in shown.err
