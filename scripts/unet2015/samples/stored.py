"""Training samples on the disk: memory-mapped arrays, read in order.

`images.npy` and `labels.npy` are uint8, `weights.npy` is float16, each of
shape (samples, side, side); images with neighbours have a fourth axis, channels.
"""

import contextlib
import errno
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError


class WeightedSample(NamedTuple):
    """One training sample, three arrays of shape (side, side)."""

    image: np.ndarray  # uint8; with neighbours (side, side, channels)
    labels: np.ndarray  # uint8, 255 = cell interior, 0 = membrane
    weights: np.ndarray  # float16


class AffinitySample(NamedTuple):
    """A :class:`WeightedSample` with the targets of affinities."""

    image: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    affinities: np.ndarray  # int8 (offsets, side, side): 1, 0 or -1 = takes no part


class CachedSamples:
    """Samples that were made before the training, by index.

    Parameters
    ----------
    images, labels, weights : Path
        The three .npy files.

    Raises
    ------
    InputError
        If a file cannot be read, their shapes differ, or they are not of the types
        of :class:`WeightedSample`.
    """

    def __init__(self, images: Path, labels: Path, weights: Path):
        paths = (images, labels, weights)
        self.arrays = [open_array(path) for path in paths]
        shapes = [array.shape for array in self.arrays]
        sizes = {shape[:3] for shape in shapes}
        if len(sizes) != 1 or [len(s) for s in shapes] not in ([3, 3, 3], [4, 3, 3]):
            raise InputError(
                f"{images}, {labels} and {weights} have shapes {shapes}, expected "
                "three times the same (samples, side, side); delete them and run the "
                "workflow again"
            )
        if 0 in shapes[0]:
            raise InputError(
                f"{images} has shape {shapes[0]}, expected at least one sample; delete "
                "it and run the workflow again"
            )
        kinds = (np.uint8, np.uint8, np.floating)
        for path, array, kind in zip(paths, self.arrays, kinds, strict=True):
            if not np.issubdtype(array.dtype, kind):
                raise InputError(
                    f"{path} has dtype {array.dtype}, expected {kind.__name__}; delete "
                    "it and run the workflow again"
                )
        self.side = shapes[0][2]
        self.channels = math.prod(shapes[0][3:])

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> WeightedSample:
        return WeightedSample(*(array[index] for array in self.arrays))


def open_array(path: Path | str) -> np.ndarray:
    """Map an .npy file into memory, read-only.

    Returns
    -------
    ndarray
        Of whatever shape and dtype the file holds.

    Raises
    ------
    InputError
        If the file is missing, damaged or truncated.
    """
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # NumPy raises many kinds on damaged files
        raise InputError(
            f"{path} cannot be read as an .npy array ({error}); "
            "delete it and run the workflow again"
        ) from error


@contextlib.contextmanager
def writing_array(
    path: Path | str, shape: tuple[int, ...], dtype: type
) -> Iterator[np.ndarray]:
    """Give a memory-mapped array that becomes `path` once it is filled.

    Parameters
    ----------
    path : Path or str
        An .npy file; an older one is replaced.
    shape : tuple of int
        Of the array.
    dtype : type
        Of the array.

    Yields
    ------
    ndarray
        Zeros, to be filled.

    Raises
    ------
    OSError
        If the disk has no room for all of it.
    """
    with atomic_write(path) as temporary:
        array = np.lib.format.open_memmap(temporary, "w+", dtype=dtype, shape=shape)
        _reserve(temporary)
        yield array
        array.flush()


def _reserve(path: Path) -> None:
    """Claim the disk blocks of a file now.

    Without them, a disk that is full kills the process that fills the array.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            except OSError as error:  # some file systems cannot
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
                    raise
