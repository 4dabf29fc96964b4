"""Stacks of slices, read from files and written as TIFF, whole or slice by slice.

A stack has the shape (slices, height, width) and is greyscale;
:mod:`unet2015.data.stacks` says what its values mean.
"""

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data.open_stack import OpenStack
from unet2015.data.slice_files import PNG, SliceFiles, slice_paths
from unet2015.data.tiff_stack import open_tiff
from unet2015.errors import InputError

CLASSIC = 4_000_000_000
"""Bytes of pixels above which a stack is written as BigTIFF.

A classic TIFF ends at 2³² bytes; noise does not compress, and pages take some too.
"""


@contextlib.contextmanager
def open_stack(source: Path | str | BinaryIO, name: str = "") -> Iterator[OpenStack]:
    """Open a greyscale stack; a single slice is a stack of one.

    Parameters
    ----------
    source : Path, str or binary file
        A TIFF, a PNG or a folder of numbered slices.
    name : str
        What errors call it; by default its path. ``.png`` tells the format.

    Raises
    ------
    InputError
        If the file is missing, is of another format, is damaged or is not a
        greyscale stack.
    """
    name = name or str(source)
    if isinstance(source, (str, Path)) and Path(source).is_dir():
        paths = slice_paths(Path(source))
        if not paths:
            raise InputError(
                f"{name} is a folder that holds no PNG or TIFF files, expected a stack "
                "or a folder of its slices; check the path"
            )
        yield SliceFiles(paths, [str(path) for path in paths])
    elif name.lower().endswith(PNG):
        yield SliceFiles([source], [name])
    else:
        with open_tiff(source, name) as stack:
            yield stack


def read_stack(source: Path | str | BinaryIO, name: str = "") -> np.ndarray:
    """Read a greyscale stack, shape (slices, height, width).

    Parameters
    ----------
    source, name
        See :func:`open_stack`.

    Raises
    ------
    InputError
        As :func:`open_stack`.
    """
    with open_stack(source, name) as stack:
        return stack.whole()


def write_stack(path: Path | str, stack: np.ndarray) -> None:
    """Write a stack as a deflate TIFF, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Destination; an existing file is replaced.
    stack : ndarray, shape (slices, height, width)
        Any dtype that TIFF can hold.
    """
    write_slices(path, stack, stack.shape, stack.dtype)


def write_slices(
    path: Path | str,
    slices: Iterable[np.ndarray],
    shape: Sequence[int],
    dtype: type | np.dtype = np.float32,
) -> None:
    """Write slices as they come, as a deflate TIFF, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Destination; an existing file is replaced.
    slices : iterable of ndarray, shape (height, width)
        As many as `shape` says.
    shape : sequence of int
        Slices, height and width.
    dtype : type or dtype
        Of the slices.
    """
    with atomic_write(path) as temporary:
        fill_stack(temporary, slices, shape, dtype)


def fill_stack(
    path: Path,
    slices: Iterable[np.ndarray],
    shape: Sequence[int],
    dtype: type | np.dtype,
) -> None:
    """Write slices as :func:`write_slices`, straight into a file."""
    if shape[-1] == 1:  # tifffile takes such columns for the rows of a single page
        slices = [np.stack([*slices])]
    size = math.prod(shape) * np.dtype(dtype).itemsize
    tifffile.imwrite(
        path,
        iter(slices),
        bigtiff=size > CLASSIC,
        shape=shape,
        dtype=dtype,
        photometric="minisblack",
        compression="zlib",
        predictor=dtype == np.uint8,
        metadata={"axes": "ZYX"},
        maxworkers=1,  # several would draw many slices ahead of writing them
    )
