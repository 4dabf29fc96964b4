"""The slices that a network is trained on, and what is measured on them.

Grey levels are standardised and classes are balanced by the training slices
rather than by the samples drawn from them, so that the numbers are the same
whether samples are stored or drawn during the training.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from unet2015.data.adjacent_slices import with_neighbours
from unet2015.data.splits import read_slices, thinned
from unet2015.data.stacks import (
    UNKNOWN,
    interior_fraction,
    is_unknown,
    read_image,
    read_labels,
)
from unet2015.errors import InputError
from unet2015.settings import check, defaults, is_number, read_json, schema_of


class TrainingSlices(NamedTuple):
    """Images and labels, uint8."""

    images: np.ndarray  # (slices, height, width), and channels if with neighbours
    labels: np.ndarray  # (slices, height, width)
    indices: Sequence[int] = ()  # in the stack; if left out, one after another


class Statistics(NamedTuple):
    """What the training needs to know of its slices."""

    mean: float  # of the grey levels
    std: float  # of the grey levels, more than 0
    interior: float  # fraction of the known pixels that are cell interior, 0..1
    intensity_range: list[float] | None = None  # values that became 0 and 255, if any


def read_training_slices(
    volume: Path, labels: Path, split: Path, settings: Mapping = MappingProxyType({})
) -> TrainingSlices:
    """Read the slices that a split trains on.

    Parameters
    ----------
    volume, labels : Path
        TIFF stacks, see :mod:`unet2015.data.stacks`.
    split : Path
        JSON of :func:`unet2015.data.splits.split`.
    settings : mapping
        The section `augmentation` of the config: `slices` (how many of them,
        evenly spaced; 0 = all) and `neighbours` (on either side, of those that the
        split trains on); if left out, the schema's defaults.

    Raises
    ------
    InputError
        If a file cannot be read, the stacks differ in shape, the labels are
        unknown, or the split names a slice that does not exist or fewer than
        `slices`.
    """
    images, truth = read_image(volume), read_labels(labels)
    if images.shape != truth.shape:
        raise InputError(
            f"{volume} has shape {images.shape} and {labels} has {truth.shape}, "
            "expected the same; give the labels of these slices"
        )
    known = read_slices(split, "train", len(images))
    settings = defaults("augmentation") | dict(settings)
    chosen, reach = thinned(known, settings["slices"]), settings["neighbours"]
    if is_unknown(truth[chosen]):
        raise InputError(
            f"{labels} is {UNKNOWN} throughout, the mark of unknown labels, in all "
            "slices to train on, expected 0 and 255; training needs the truth"
        )
    seen = [with_neighbours(images, index, reach, known) for index in chosen]
    return TrainingSlices(np.stack(seen), truth[chosen], chosen)


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
    return Statistics(float(mean), float(std), interior_fraction(slices.labels))


def read_statistics(path: Path) -> Statistics:
    """Read statistics from JSON.

    Raises
    ------
    InputError
        If the file is missing or lacks one of them, or if one is no number or out
        of range.
    """
    found = read_json(path)
    numbers = Statistics._fields[:3]
    lacking = [name for name in numbers if name not in found]
    if lacking:
        raise InputError(
            f"{path} lacks {', '.join(lacking)}; write it by training_statistics.py"
        )
    values = [found[name] for name in numbers]
    if (
        not all(is_number(v) for v in values)
        or values[1] <= 0
        or not 0 <= values[2] <= 1
    ):
        raise InputError(
            f"{path} holds {found}, expected numbers, std more than 0 and interior "
            "0..1; write it by training_statistics.py"
        )
    return Statistics(*map(float, values), read_intensity_range(path))


def read_intensity_range(path: Path) -> list[float] | None:
    """Read which values became 0 and 255; None if the images were of 8 bits.

    Parameters
    ----------
    path : Path
        JSON: statistics, or the provenance of stacks.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no range under that name.
    """
    found = read_json(path).get("intensity_range")
    if found is not None:
        known = {"intensity_range": schema_of("intensity_range")}
        check({"intensity_range": found}, {"properties": known}, str(path))
    return found
