"""The slices that a network is trained on, and what is measured on them.

Grey levels are standardised and classes are balanced by the training slices
rather than by the samples drawn from them, so that the numbers are the same
whether samples are stored or drawn during the training.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from unet2015.errors import InputError
from unet2015.settings import read_json
from unet2015.splits import read_slices, thinned
from unet2015.stacks import INTERIOR, UNKNOWN, is_unknown, read_image, read_labels


class TrainingSlices(NamedTuple):
    """Images and labels, uint8, shape (slices, height, width)."""

    images: np.ndarray
    labels: np.ndarray


class Statistics(NamedTuple):
    """What the training needs to know of its slices."""

    mean: float  # of the grey levels
    std: float  # of the grey levels, more than 0
    interior: float  # fraction of the pixels that are cell interior, 0..1


def read_training_slices(
    volume: Path, labels: Path, split: Path, count: int = 0
) -> TrainingSlices:
    """Read the slices that a split trains on.

    Parameters
    ----------
    volume, labels : Path
        TIFF stacks, see :mod:`unet2015.stacks`.
    split : Path
        JSON of :func:`unet2015.splits.split`.
    count : int
        How many of them, evenly spaced; 0 = all.

    Raises
    ------
    InputError
        If a file cannot be read, the stacks differ in shape, the labels are
        unknown, or the split names a slice that does not exist or fewer than
        `count`.
    """
    images, truth = read_image(volume), read_labels(labels)
    if images.shape != truth.shape:
        raise InputError(
            f"{volume} has shape {images.shape} and {labels} has {truth.shape}, "
            "expected the same; give the labels of these slices"
        )
    if is_unknown(truth):
        raise InputError(
            f"{labels} is {UNKNOWN} throughout, the mark of unknown labels, "
            "expected 0 and 255; training needs the truth"
        )
    chosen = thinned(read_slices(split, "train", len(images)), count)
    return TrainingSlices(images[chosen], truth[chosen])


def measure(slices: TrainingSlices) -> Statistics:
    """Return the statistics of training slices.

    Raises
    ------
    InputError
        If all pixels have the same grey level, which cannot be standardised.
    """
    counts = np.bincount(slices.images.ravel(), minlength=256)
    levels = np.arange(256)
    mean = (counts * levels).sum() / counts.sum()
    std = np.sqrt((counts * (levels - mean) ** 2).sum() / counts.sum())
    if std == 0:
        raise InputError(
            f"the training slices are constant (grey level {mean:g}), expected "
            "images; use a split that trains on other slices"
        )
    interior = np.mean(slices.labels == INTERIOR)
    return Statistics(float(mean), float(std), float(interior))


def read_statistics(path: Path) -> Statistics:
    """Read statistics from JSON.

    Raises
    ------
    InputError
        If the file is missing or lacks one of them.
    """
    found = read_json(path)
    lacking = [name for name in Statistics._fields if name not in found]
    if lacking:
        raise InputError(
            f"{path} lacks {', '.join(lacking)}; write it by training_statistics.py"
        )
    return Statistics(*(float(found[name]) for name in Statistics._fields))
