import importlib.util
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAMS = sorted([*SCRIPTS.glob("*.py"), *SCRIPTS.glob("benchmarks/benchmark_*.py")])


@pytest.fixture
def run(capsys):
    """Call a program's main; return its status and what it prints."""

    def run(path, *arguments):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        program = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(program)
        with pytest.raises(SystemExit) as stop:
            program.main(arguments)
        return stop.value.code, capsys.readouterr()

    return run


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_help_says_what_the_program_does(run, path):
    status, shown = run(path, "--help")
    assert status == 0
    assert shown.out.startswith("usage: ")
    first_sentence = path.read_text().split('"""')[1].split("\n")[0]
    assert first_sentence in shown.out


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_unknown_argument_is_refused(run, path):
    status, shown = run(path, "--nonsense")
    assert status == 2
    assert "usage:" in shown.err
