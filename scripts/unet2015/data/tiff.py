"""Stacks of slices in TIFF files, read and written as a whole or slice by slice.

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
from unet2015.errors import InputError

PACKED = 1500
"""Bytes that a byte of a file can stand for: 1032 by deflate, some 1300 by LZW."""


CLASSIC = 4_000_000_000
"""Bytes of pixels above which a stack is written as BigTIFF.

A classic TIFF ends at 2³² bytes; noise does not compress, and pages take some too.
"""


class OpenStack:
    """An open TIFF stack, whose slices are read when they are asked for.

    Parameters
    ----------
    file : TiffFile
        Open.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If it is not a greyscale stack.
    ValueError
        If :func:`_check_declared` refuses it.
    """

    def __init__(self, file: tifffile.TiffFile, name: str):
        _check_declared(file)
        self._series, self._name = file.series[0], name
        shape, samples = self._series.shape, file.pages[0].samplesperpixel
        if len(shape) not in (2, 3) or samples != 1 or 0 in shape:
            raise InputError(
                f"{name} has shape {shape} with {samples} samples a pixel, "
                "expected greyscale slices (slices, height, width); "
                "save it again as an 8-bit greyscale stack, without colour channels"
            )
        self.shape: tuple[int, int, int] = (1, *shape)[-3:]
        self.dtype = self._series.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int) -> np.ndarray:
        """Read one slice, shape (height, width).

        Raises
        ------
        InputError
            If its part of the file is damaged.
        """
        pages = self._series.pages
        with _naming(self._name):
            if len(pages) == len(self) and pages[0].shape == self.shape[1:]:
                return pages[index].asarray(maxworkers=1)
            # One page holds several slices, as in large stacks of ImageJ.
            return self._series.asarray(out="memmap").reshape(self.shape)[index]

    def whole(self) -> np.ndarray:
        """Read all slices, shape (slices, height, width).

        Raises
        ------
        InputError
            If the file is damaged.
        """
        with _naming(self._name):
            return self._series.asarray().reshape(self.shape)


def _check_declared(file: tifffile.TiffFile) -> None:
    """Raise ValueError if an open TIFF declares more pixels than it can hold.

    tifffile would allocate them all, search long for their segments, and fill
    what it does not find with zeros.
    """
    series, size = file.series[0], file.filehandle.size
    if series.nbytes > PACKED * size:
        raise ValueError(
            f"it declares {series.nbytes} bytes of pixels, expected at most "
            f"{PACKED * size} in a file of {size} bytes"
        )
    for number, page in enumerate(series.pages):
        expected = 1 if page.is_contiguous else math.prod(page.chunked)
        if len(page.dataoffsets) < expected:
            raise ValueError(
                f"page {number} has {len(page.dataoffsets)} strips or tiles, expected "
                f"{expected}"
            )
        if max(page.databytecounts) > size:
            raise ValueError(
                f"page {number} has a strip or tile of {max(page.databytecounts)} "
                f"bytes, expected at most {size} as in the file"
            )


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn whatever tifffile raises on a damaged file into one error."""
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except Exception as error:
        raise InputError(
            f"{name} cannot be read as a TIFF stack ({error}); "
            "the file is damaged or of another format: fetch or export it again"
        ) from error


@contextlib.contextmanager
def open_stack(source: Path | str | BinaryIO, name: str = "") -> Iterator[OpenStack]:
    """Open a greyscale TIFF as a stack; a single page is a stack of one slice.

    Parameters
    ----------
    source : Path, str or binary file
        The TIFF.
    name : str
        What errors call it; by default its path.

    Raises
    ------
    InputError
        If the file is missing, is not a TIFF, is damaged or is not a greyscale
        stack.
    """
    name = name or str(source)
    with contextlib.ExitStack() as files:
        with _naming(name):
            file = files.enter_context(tifffile.TiffFile(source))
            stack = OpenStack(file, name)
        yield stack


def read_stack(source: Path | str | BinaryIO, name: str = "") -> np.ndarray:
    """Read a greyscale TIFF as a stack of shape (slices, height, width).

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
