import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from unet2015.config.code_version import closure, code_version

SCRIPTS = Path(__file__).parents[2] / "scripts"
TREE = {
    "unet2015/__init__.py": "",
    "unet2015/alone.py": "import numpy",
    "unet2015/first.py": "from unet2015.second import f",
    "unet2015/second.py": "import unet2015.alone",
    "unet2015/circle.py": "from unet2015 import round_it",
    "unet2015/round_it.py": "from unet2015 import circle",
    "unet2015/group/__init__.py": "from unet2015.alone import g",
    "unet2015/group/member.py": "",
    "unet2015/group/other.py": "",
    "unet2015/never.py": "",
    "other/__init__.py": "",
    "other/first.py": "",
    "never.py": "",
}
CASES = {
    "nothing": ("import os\nimport numpy as np", []),
    "package": ("import unet2015", ["__init__"]),
    "module": ("import unet2015.alone", ["__init__", "alone"]),
    "module as name": ("from unet2015 import alone", ["__init__", "alone"]),
    "name of module": ("from unet2015.alone import x", ["__init__", "alone"]),
    "star": ("from unet2015.alone import *", ["__init__", "alone"]),
    "indirect": ("import unet2015.first", ["__init__", "alone", "first", "second"]),
    "in function": (
        "def f():\n    import unet2015.alone\n",
        ["__init__", "alone"],
    ),
    "circle": ("import unet2015.circle", ["__init__", "circle", "round_it"]),
    "group": (
        "from unet2015.group import member",
        ["__init__", "alone", "group/__init__", "group/member"],
    ),
    "in group": (
        "from unet2015.group.member import x",
        ["__init__", "alone", "group/__init__", "group/member"],
    ),
    "text": ("'import unet2015.alone'  # from unet2015 import first", []),
    "others": ("import other.first\nimport never\nimport unet2015x", []),
}


def write_tree(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@pytest.mark.parametrize("case", CASES)
def test_closure_holds_what_is_imported_and_nothing_else(tmp_path, case):
    text, modules = CASES[case]
    write_tree(tmp_path, {**TREE, "program.py": text})
    found = [
        str(path.relative_to(tmp_path))
        for path in closure(tmp_path / "program.py", tmp_path)
    ]
    assert found == ["program.py", *(f"unet2015/{name}.py" for name in modules)]


def test_a_program_may_lie_in_a_folder_below_that_of_the_package(tmp_path):
    write_tree(tmp_path, TREE)
    program = tmp_path / "below" / "program.py"
    program.parent.mkdir()
    program.write_text("from unet2015.group.member import x")
    names = ("__init__", "alone", "group/__init__", "group/member")
    expected = [program, *(tmp_path / f"unet2015/{name}.py" for name in names)]
    assert closure(program, tmp_path) == expected


BASE = """
'A program.'
from unet2015.alone import f

def main(n=1):
    'Say it.'
    return f(n)  # once

LIMIT = 3
'Of all.'
__version__ = "1.0"
"""
SAME = {
    "another comment": ("# once", "# twice"),
    "another docstring": ("Say it.", "Say it\\nat length."),
    "no docstring": ("    'Say it.'\n", ""),
    "another module docstring": ("'A program.'", "'The program.'"),
    "another text below a constant": ("'Of all.'", "'Of some.'"),
    "another release": ('"1.0"', '"1.1"'),
    "another layout": ("(n=1)", "(\n    n = 1,\n)"),
}
OTHER = {
    "another default": ("n=1", "n=2"),
    "another constant": ("LIMIT = 3", "LIMIT = 4"),
    "another import": ("alone", "second"),
    "a text that is returned": ("return f(n)", "return 'Say it.'"),
    "an order": ("LIMIT = 3\n", "LIMIT = 3\nLIMIT = 2\n"),
}


@pytest.fixture
def version(tmp_path):
    """Return a function that gives the version of a program among some files."""

    def of(program=BASE, **changed):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        modules = {f"unet2015/{n.replace('__', '.')}": t for n, t in changed.items()}
        write_tree(folder, {**TREE, **modules, "program.py": program})
        return code_version(folder / "program.py", folder)

    return of


@pytest.mark.parametrize("case", SAME)
def test_what_does_not_change_the_meaning_keeps_the_version(version, case):
    assert version(BASE.replace(*SAME[case])) == version() != version("pass")
    assert BASE.replace(*SAME[case]) != BASE


@pytest.mark.parametrize("case", OTHER)
def test_what_changes_the_meaning_changes_the_version(version, case):
    assert version(BASE.replace(*OTHER[case])) != version()


def test_imported_modules_count_and_others_do_not(version):
    assert version(alone__py="import numpy  # as before") == version()
    assert version(never__py="x = 1", second__py="x = 1") == version()
    assert version(alone__py="import numpy as np") != version()


def test_files_that_a_module_names_count(version):
    naming = {"alone__py": "PAGE = 'page.html'"}
    assert version(**naming, page__html="one") != version(**naming, page__html="two")
    other = {"alone__py": "# page.html"}
    assert version(**other, page__html="one") == version(**other, page__html="two")


LOADED = """
import json, runpy, sys
program = sys.argv[1]
try:
    runpy.run_path(program, run_name="__main__")
except SystemExit:
    pass
files = [m.__file__ for n, m in sys.modules.items() if n.startswith("unet2015")]
print(json.dumps(files), file=sys.stderr)
"""


@pytest.mark.slow
def test_closure_of_a_program_is_what_it_loads():
    path = SCRIPTS / "train.py"
    run = subprocess.run(
        [sys.executable, "-c", LOADED, path, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SCRIPTS), "PATH": ""},
    )
    loaded = {Path(file) for file in json.loads(run.stderr.splitlines()[-1])}
    assert loaded == set(closure(path)) - {path}


def test_library_has_no_relative_imports():
    for path in SCRIPTS.rglob("*.py"):  # which closure does not follow
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
