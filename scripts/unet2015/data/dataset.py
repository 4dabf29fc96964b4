"""The four stacks that the workflow starts from, and how they are written."""

import argparse
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unet2015.atomic_write import as_json, atomic_write
from unet2015.data.stacks import UNKNOWN, pixel_sha256
from unet2015.data.tiff import fill_stack

NAMES = ("train-volume", "train-labels", "test-volume", "test-labels")
LABELS = ("train-labels", "test-labels")
OPTIONAL = "test-labels"
"""The truth of a test may be secret; without the others nobody can train."""


@dataclass(frozen=True, eq=False)
class Stack:
    """A checked stack.

    Parameters
    ----------
    pixels : ndarray, shape (slices, height, width), uint8
        Grey levels or labels, see :mod:`unet2015.data.stacks`.
    origin : str or None
        Where it came from, without paths of this machine.
    available : bool
        False for the stack that stands for labels nobody has.
    numbered : bool
        True for labels whose file numbered the cells, so that 0 was no cell.
    """

    pixels: np.ndarray
    origin: str | None
    available: bool = True
    numbered: bool = False


def unknown_labels(shape: tuple[int, int, int]) -> Stack:
    """Return the stand-in for labels that nobody has: 127 throughout."""
    return Stack(np.full(shape, UNKNOWN, np.uint8), origin=None, available=False)


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the outputs."""
    for name in NAMES:
        parser.add_argument(f"--{name}", type=Path, required=True, help="output TIFF")
    parser.add_argument("--provenance", type=Path, required=True, help="output JSON")


def outputs(args: argparse.Namespace) -> dict[str, Path]:
    """Return where each stack shall be written."""
    return {name: getattr(args, name.replace("-", "_")) for name in NAMES}


def write_dataset(
    stacks: Mapping[str, Stack],
    paths: Mapping[str, Path],
    provenance: Path,
    source: str,
    **notes: object,
) -> None:
    """Write all stacks and their provenance, or, on failure, nothing.

    Parameters
    ----------
    stacks : mapping of str to Stack
        By name.
    paths : mapping of str to Path
        Destination of each stack, a TIFF.
    provenance : Path
        Destination of the record, a JSON file: `source`, `notes`, and of each
        stack its origin, shape, pixel sha256 and whether it is available.
    source : str
        What the stacks are.
    **notes : anything that JSON can hold
        Further keys of the record, for example the citation.
    """
    described = {name: _record(stacks[name]) for name in paths}
    record = {"source": source, "stacks": described, **notes}
    with contextlib.ExitStack() as files:  # all are whole before the first is moved
        temporary = files.enter_context(atomic_write(provenance))
        temporary.write_text(as_json(record), encoding="utf-8")
        for name, path in paths.items():
            temporary = files.enter_context(atomic_write(path))
            fill_stack(temporary, stacks[name].pixels)


def _record(stack: Stack) -> dict:
    """Return what the provenance says of one stack."""
    return {
        "origin": stack.origin,
        "sha256": pixel_sha256(stack.pixels),
        "shape": list(stack.pixels.shape),
        "available": stack.available,
    }
