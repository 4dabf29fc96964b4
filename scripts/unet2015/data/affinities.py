"""Affinities of a stack, in a file.

The affinity of an offset (slices, rows, columns) at a pixel is the probability that
the pixel and the one at + offset belong to the same cell instance. The file is a TIFF
of uint8, 255 = probability 1, a page for each offset of each slice; its description is
JSON, ``{"offsets": [[0, 0, 1], ...]}``.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data.stacks import check_probability
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError

HIGHEST = 255
"""What stands for probability 1."""

FARTHEST = 2**20
"""Pixels that no offset reaches."""

Offsets = tuple[tuple[int, int, int], ...]


def write_affinities(
    path: Path | str, slices: Iterable[np.ndarray], offsets: Sequence[Sequence[int]]
) -> None:
    """Write affinities slice by slice, as a whole file or not at all.

    Parameters
    ----------
    path : Path or str
        A TIFF; an existing file is replaced.
    slices : iterable of ndarray, float32, shape (offsets, rows, columns)
        Of each slice, 0..1; one is in memory at a time.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.

    Raises
    ------
    InputError
        If there is no slice, or one has another shape than it should, holds NaN or
        leaves 0..1; or as :func:`check_offsets`.
    """
    with writing_affinities(path, offsets) as add:
        for affinities in slices:
            add(affinities)


@contextlib.contextmanager
def writing_affinities(
    path: Path | str, offsets: Sequence[Sequence[int]]
) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that writes the affinities of one slice after another.

    For who writes something else of each slice too; else as :func:`write_affinities`.

    Yields
    ------
    callable
        Takes the affinities of a slice, float32, shape (offsets, rows, columns), 0..1.
    """
    offsets, shapes = check_offsets(offsets, str(path)), []
    # As a BigTIFF, since the number of slices is not known at the beginning.
    with (
        atomic_write(path) as temporary,
        tifffile.TiffWriter(temporary, bigtiff=True) as file,
    ):

        def add(affinities: np.ndarray) -> None:
            shapes.append(affinities.shape)
            expected = (len(offsets), *shapes[0][-2:])
            _check_shape(affinities.shape, expected, str(path))
            levels = np.rint(HIGHEST * check_probability(affinities, str(path)))
            first = len(shapes) == 1
            file.write(
                levels.astype(np.uint8),
                photometric="minisblack",
                compression="zlib",
                predictor=True,
                description=json.dumps({"offsets": offsets}) if first else None,
                metadata=None,
                maxworkers=1,
            )

        yield add
        if not shapes:
            raise InputError(f"{path} has 0 slices, expected 1 or more; give a stack")


def read_affinities(path: Path | str) -> tuple[np.ndarray, Offsets]:
    """Read what :func:`write_affinities` wrote.

    Returns
    -------
    affinities : ndarray, uint8, shape (slices, offsets, rows, columns)
        255 = probability 1.
    offsets : tuple of tuples of three int
        (slices, rows, columns), pixels.

    Raises
    ------
    InputError
        If the file cannot be read, or is of another kind.
    """
    pages, offsets = read_stack(path), _read_offsets(path)
    if pages.dtype != np.uint8 or len(pages) % len(offsets):
        raise InputError(
            f"{path} holds {len(pages)} pages of {pages.dtype}, expected uint8 and a "
            f"multiple of its {len(offsets)} offsets; predict the affinities again"
        )
    return pages.reshape(-1, len(offsets), *pages.shape[1:]), offsets


def check_offsets(offsets: object, name: str) -> Offsets:
    """Return offsets as tuples.

    Parameters
    ----------
    offsets : object
        As read; see :func:`write_affinities`.
    name : str
        What the message calls the place where they stand.

    Raises
    ------
    InputError
        If there is none, if one is not three whole numbers or leads nowhere, or if two
        are the same or opposite.
    """
    try:
        found = tuple(tuple(offset) for offset in offsets)
    except TypeError:
        found = ()
    whole = all(
        isinstance(n, int | np.integer) and abs(n) < FARTHEST
        for offset in found
        for n in offset
    )
    if not found or not whole or {len(offset) for offset in found} != {3}:
        raise InputError(
            f"{name} has the offsets {offsets!r:.80}, expected one or more of three "
            f"whole numbers each, slices, rows and columns, below {FARTHEST}; correct "
            "them"
        )
    found = tuple(tuple(int(n) for n in offset) for offset in found)
    pairs = {max(offset, tuple(-n for n in offset)) for offset in found}
    if len(pairs) < len(found) or (0, 0, 0) in pairs:
        raise InputError(
            f"{name} has the offsets {found!s:.80}, expected none that is zero, the "
            "same as another or its opposite, for they say the same; leave it out"
        )
    return found


def _read_offsets(path: Path | str) -> Offsets:
    """Read the description of a TIFF."""
    with tifffile.TiffFile(path) as file:
        text = file.pages.first.description
    try:
        offsets = json.loads(text)["offsets"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} has the description {text[:60]!r}, expected JSON that names the "
            "offsets of affinities; give the file that predict wrote"
        ) from error
    return check_offsets(offsets, str(path))


def _check_shape(found: tuple, expected: tuple, name: str) -> None:
    """Refuse a slice that is not of the shape (offsets, rows, columns)."""
    if found != expected or len(expected) != 3:
        raise InputError(
            f"{name} has a slice of the shape {found}, expected {expected}, the same "
            "for all and an affinity for each offset; correct it"
        )
