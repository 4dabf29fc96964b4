"""Affinities of a stack, in a file.

The affinity of an offset (slices, rows, columns) at a pixel is the probability that
the pixel and the one at + offset belong to the same cell instance. The file is a TIFF
of uint8, 255 = probability 1, a page for each offset of each slice; its description is
JSON, ``{"offsets": [[0, 0, 1], ...]}``.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data.offsets import Offsets, check_offsets
from unet2015.data.stacks import check_probability
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError

HIGHEST = 255
"""What stands for probability 1."""


@contextlib.contextmanager
def writing_affinities(
    path: Path | str, offsets: Sequence[Sequence[int]]
) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that writes one slice after another, in the end a whole file.

    Parameters
    ----------
    path : Path or str
        A TIFF; an existing file is replaced.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.

    Yields
    ------
    callable
        Takes the affinities of a slice, float32, shape (offsets, rows, columns), 0..1.

    Raises
    ------
    InputError
        If there is no slice, or one has another shape than it should, holds NaN or
        leaves 0..1; or as :func:`unet2015.data.offsets.check_offsets`.
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
    """Read what :func:`writing_affinities` wrote.

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
