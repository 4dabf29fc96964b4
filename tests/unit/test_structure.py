"""The library's folders stand in one order, and few arrows lead from one to another."""

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import unet2015

LIBRARY = Path(unet2015.__file__).parent
TOP = ("errors", "atomic_write", "cli", "settings")
FOLDERS = (
    "data",
    "network",
    "metrics",
    "samples",
    "training",
    "inference",
    "config",
    "phantom",
    "experiments",
    "figures",
    "report",
    "benchmarks",
    "commands",
)
"""A folder imports from itself, from those before it and from the top modules."""

RANKS = dict.fromkeys(TOP, 0) | {name: k for k, name in enumerate(FOLDERS, start=1)}
MODULES = {
    path.relative_to(LIBRARY).with_suffix("").parts: path
    for path in sorted(LIBRARY.rglob("*.py"))
    if path.name != "__init__.py"
}


def imported(path):
    """Yield the modules of the library that a file imports, as parts of their names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, *parts = name.split(".")
            if package == "unet2015":
                yield next(
                    tuple(parts[:k])
                    for k in range(len(parts), -1, -1)
                    if tuple(parts[:k]) in MODULES or not k
                )


ARROWS = {module: set(imported(path)) for module, path in MODULES.items()}
PAIRS = {
    (module[0], other[0])
    for module, others in ARROWS.items()
    for other in others
    if other and module[0] != other[0]
}


def test_every_module_has_its_place():
    boxes = {module[0] for module in MODULES}
    assert boxes <= set(RANKS), "name a new folder where it stands in the order"
    assert {module[0] for module in MODULES if len(module) == 1} == set(TOP)


def test_imports_name_the_module_that_defines_a_thing():
    packages = {module for module, others in ARROWS.items() if () in others}
    # The version stands there.
    packages -= {("commands", "console"), ("config", "code_version")}
    packages -= {("inference", "packages")}
    assert not packages, "these import a package: its __init__ defines nothing"


def test_no_import_against_the_order():
    assert not {(one, other) for one, other in PAIRS if RANKS[other] > RANKS[one]}


def test_no_import_circle():
    assert tuple(TopologicalSorter(ARROWS).static_order())  # CycleError names it


def test_few_arrows_between_few_boxes():
    assert len({box for pair in PAIRS for box in pair}) <= 17
    assert len(PAIRS) <= 60


def test_no_two_modules_of_one_name():
    counts = Counter(module[-1] for module in MODULES)
    assert {name for name, count in counts.items() if count > 1} == set()


@pytest.mark.parametrize("folder", [n for n in FOLDERS if (LIBRARY / n).exists()])
def test_init_is_a_docstring(folder):
    (node,) = ast.parse((LIBRARY / folder / "__init__.py").read_text()).body
    assert isinstance(node.value.value, str)


@pytest.mark.parametrize("name", unet2015.PUBLIC)
def test_public_name_is_that_of_its_module(name):
    assert getattr(unet2015, name).__module__ == unet2015.PUBLIC[name]
    assert name in dir(unet2015)


def test_other_names_are_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'predict'"):
        _ = unet2015.predict


def test_tree_of_the_guide_is_the_one_on_disk():
    root = LIBRARY.parents[1]
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = text.split("```")[1].splitlines()[1:]
    shown = [line.split()[0].strip("/") for line in lines]
    inside = [line[0] == " " for line in lines]
    assert all(
        (root / n).is_dir() for n, deep in zip(shown, inside, strict=True) if not deep
    )
    there = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    library = [name for name, deep in zip(shown, inside, strict=True) if deep]
    assert library == [name for name in FOLDERS if name in there]
