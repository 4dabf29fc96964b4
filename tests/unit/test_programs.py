import importlib.util
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAMS = sorted([*SCRIPTS.glob("*.py"), *SCRIPTS.glob("benchmarks/benchmark_*.py")])


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_help_says_what_the_program_does(path, capsys):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    with pytest.raises(SystemExit) as stop:
        program.main(["--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0
    assert shown.startswith("usage: ")
    first_sentence = path.read_text().split('"""')[1].split("\n")[0]
    assert first_sentence in shown
