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
import torch
from torch import Tensor

from unet2015.atomic import replacing
from unet2015.errors import InputError
from unet2015.stacks import INTERIOR


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
    except (OSError, ValueError) as error:
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


def read_batch(
    samples: Samples, step: int, batch: int, mean: float, std: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the batch of one training step.

    Parameters
    ----------
    samples : Samples
        See the module.
    step, batch : int
        0-based step and samples a step.
    mean, std : float
        Normalisation, grey levels.

    Returns
    -------
    images : Tensor, float32, shape (batch, 1, side, side)
        Standardised grey values.
    labels : Tensor, int64, shape (batch, side, side)
        1 = cell interior, 0 = membrane.
    weights : Tensor, float32, shape (batch, side, side)
    """
    indices = (step * batch + np.arange(batch)) % len(samples.images)
    images = (samples.images[indices].astype(np.float32) - mean) / std
    labels = (samples.labels[indices] == INTERIOR).astype(np.int64)
    weights = samples.weights[indices].astype(np.float32)
    return (
        torch.from_numpy(images.astype(np.float32, copy=False))[:, None],
        torch.from_numpy(labels),
        torch.from_numpy(weights),
    )
