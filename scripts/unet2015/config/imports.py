"""The import closure of a program: every project file that it runs.

A rule lists this closure as its input, so that an edited module reruns what
imports it, directly or not, and nothing else.
"""

import ast
from functools import cache
from pathlib import Path

PACKAGE = "unet2015"


def closure(program: Path) -> list[Path]:
    """Return a program and the library modules that it imports, directly or not.

    Parameters
    ----------
    program : Path
        A script in the folder of the package or below it, such as
        ``scripts/train.py``.

    Returns
    -------
    list of Path
        The program first, then the modules in alphabetical order. Imports
        inside functions count; packages bring their ``__init__.py``.
    """
    root = next(f for f in program.parents if (f / PACKAGE).is_dir())
    found: set[Path] = set()
    waiting = [program]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting.extend(_imported(path, root))
    return [program, *sorted(found - {program})]


@cache  # the workflow asks for every program, and most share their modules
def _imported(path: Path, root: Path) -> list[Path]:
    """Return the project files that one file imports."""
    files = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            files.extend(_files(name, root))
    return files


def _files(name: str, root: Path) -> list[Path]:
    """Return the files that importing a dotted name runs, outermost first."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return []
    files = []
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        files += [place / "__init__.py", place.with_suffix(".py")]
    return [file for file in files if file.is_file()]
