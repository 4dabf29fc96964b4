"""Training samples on the disk: memory-mapped arrays, read in order.

`images.npy` and `labels.npy` are uint8, `weights.npy` is float16, each of
shape (samples, side, side). Step t of a training with batch b reads samples
b·t .. b·t + b - 1, modulo their number.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unet2015.atomic import replacing
from unet2015.errors import InputError


class Samples(NamedTuple):
    """Memory-mapped training samples, each of shape (samples, side, side)."""

    images: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def open_array(path: Path | str) -> np.ndarray:
    """Map an .npy file into memory, read-only.

    Raises
    ------
    InputError
        If the file is missing, damaged or truncated.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{path} cannot be read as an .npy array ({error}); "
            "delete it and run the workflow again"
        ) from error


@contextlib.contextmanager
def writing_array(
    path: Path | str, shape: tuple[int, ...], dtype: type
) -> Iterator[np.ndarray]:
    """Give a memory-mapped array that becomes `path` once it is filled."""
    with replacing(path) as temporary:
        array = np.lib.format.open_memmap(temporary, "w+", dtype=dtype, shape=shape)
        yield array
        array.flush()


def open_samples(images: Path, labels: Path, weights: Path) -> Samples:
    """Open the three arrays of a sample set.

    Raises
    ------
    InputError
        If their shapes differ.
    """
    samples = Samples(*(open_array(path) for path in (images, labels, weights)))
    shapes = [array.shape for array in samples]
    if len(set(shapes)) != 1:
        raise InputError(
            f"{images}, {labels} and {weights} have shapes {shapes}, expected three "
            "times the same; delete them and run the workflow again"
        )
    return samples


def grey_statistics(images: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of all grey levels of uint8 samples."""
    counts = np.zeros(256, dtype=np.int64)
    for image in images:
        counts += np.bincount(image.ravel(), minlength=256)
    levels = np.arange(256)
    mean = (counts * levels).sum() / counts.sum()
    variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
    return float(mean), float(np.sqrt(variance))
