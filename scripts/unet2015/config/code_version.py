"""The code that a job runs: its commit, what it means as a hash, and its interpreter.

The hash is that of the syntax trees of the program and of every library module that it
imports, directly or not. Comments, docstrings and layout have no part in it. Files that
lie beside a module, such as a template, count if the module names them.
"""

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import unet2015

SCRIPTS = Path(__file__).parents[2]
PACKAGE = "unet2015"


class Source(NamedTuple):
    """What one file of Python contributes."""

    digest: bytes  # of its meaning, and of the files that it names
    imports: tuple[Path, ...]  # library files that importing it runs


def code_version(program: Path, root: Path = SCRIPTS) -> str:
    """Return a name for what a program computes.

    Parameters
    ----------
    program : Path
        Such as ``scripts/train.py``.
    root : Path
        The folder that holds the library.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a sha256.
    """
    digest = hashlib.sha256()
    for path in closure(program, root):
        digest.update(_read(path, root).digest)
    return digest.hexdigest()[:16]


def content_version(paths: Iterable[Path]) -> str:
    """Return a name for the contents of files, wherever they lie."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def closure(program: Path, root: Path = SCRIPTS) -> list[Path]:
    """Return a program and the library modules that it imports, directly or not.

    Parameters
    ----------
    program, root
        See :func:`code_version`.

    Returns
    -------
    list of Path
        The program first, then the modules in alphabetical order. Imports inside
        functions count; packages bring their ``__init__.py``.
    """
    found: set[Path] = set()
    waiting = [program]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_read(path, root).imports)
    return [program, *sorted(found - {program})]


@cache  # the workflow asks for every program, and most share their modules
def _read(path: Path, root: Path) -> Source:
    """Read what one file contributes."""
    tree = _WithoutTexts().visit(ast.parse(path.read_text(encoding="utf-8")))
    # Unlike a dump of the tree, code hardly depends on the version of Python.
    digest = hashlib.sha256(ast.unparse(tree).encode())
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            digest.update(_data(path.parent).get(node.value, b""))
        for name in _imported(node):
            imports.extend(_files(name, root))
    return Source(digest.digest(), tuple(imports))


class _WithoutTexts(ast.NodeTransformer):
    """Deletes docstrings, also those of variables, and the number of the version."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Delete an expression that is nothing but a text."""
        is_text = isinstance(getattr(node.value, "value", None), str)
        return None if is_text else node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign | None:
        """Delete the version: a release by itself computes nothing else."""
        name = getattr(node.targets[0], "id", "")
        return None if name == "__version__" else node


@cache
def _data(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder that are no code, by name."""
    files = [path for path in folder.iterdir() if path.is_file()]
    return {path.name: path.read_bytes() for path in files if path.suffix != ".py"}


def _imported(node: ast.AST) -> list[str]:
    """Return the dotted names that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


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


def commit() -> str:
    """Return the commit of this checkout, marked if files differ from it."""
    if not (SCRIPTS.parent / ".git").exists():
        return f"unknown (not a git checkout), version {unet2015.__version__}"
    git = ["git", "-C", str(SCRIPTS)]
    try:
        run = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown (not a git checkout)"
    return run.stdout.strip()


def put_first_on_path() -> None:
    """Put the folder of this interpreter first on PATH, for this process's children.

    So ``.venv/bin/snakemake`` works without activation, on a cluster too; a conda
    environment that Snakemake activates for a job comes still before it.
    """
    folder = str(Path(sys.executable).parent)
    rest = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([folder, *(p for p in rest if p != folder)])
