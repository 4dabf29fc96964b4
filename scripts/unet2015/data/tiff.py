"""Stacks of slices, read from files, whole or slice by slice, and written as TIFF.

A stack has the shape (slices, height, width) and is greyscale;
:mod:`unet2015.data.stacks` says what its values mean.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data.ome_zarr import is_zarr, open_zarr
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
        A TIFF, a PNG, an OME-Zarr or a folder of numbered slices.
    name : str
        What errors call it; by default its path. ``.png`` tells the format.

    Raises
    ------
    InputError
        If the file is missing, is of another format, is damaged or is not a
        greyscale stack.
    """
    name = name or str(source)
    folder = isinstance(source, (str, Path)) and Path(source).is_dir()
    if folder and is_zarr(Path(source)):
        yield open_zarr(Path(source), name)
    elif folder:
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
    with atomic_write(path) as temporary:
        fill_stack(temporary, stack)


def fill_stack(path: Path, stack: np.ndarray) -> None:
    """Write a stack as :func:`write_stack`, straight into a file."""
    tifffile.imwrite(
        path,
        stack,
        bigtiff=stack.nbytes > CLASSIC,
        photometric="minisblack",
        compression="zlib",
        predictor=stack.dtype == np.uint8,
        metadata={"axes": "ZYX"},
        maxworkers=1,  # several would pack many slices ahead of writing them
    )
