"""What is found on stacks before a training, and how it is told."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from unet2015.data.same_shape import check_shapes
from unet2015.data.slice_measures import SliceMeasures, measure_slice

SHOWN = 8
"""Slices that a sentence names; the others are counted."""


class Finding(NamedTuple):
    """What should be looked at, with its cure."""

    kind: str
    stack: str  # such as "train-labels"
    slices: list[int]  # from 0; empty if it is the whole stack
    sentence: str


class Pair(NamedTuple):
    """A volume, its labels (127 throughout if nobody has them), and their measures."""

    part: str  # "train" or "test"
    volume: np.ndarray  # uint8, (slices, height, width)
    labels: np.ndarray  # uint8, the same shape
    slices: list[SliceMeasures]

    @property
    def images(self) -> str:
        """What sentences call the volume."""
        return f"{self.part}-volume"

    @property
    def truth(self) -> str:
        """What sentences call the labels."""
        return f"{self.part}-labels"

    @property
    def names(self) -> tuple[str, str]:
        """Both."""
        return self.images, self.truth

    @property
    def annotated(self) -> list[int]:
        """Slices of which labels are known."""
        return [k for k, found in enumerate(self.slices) if found.known]


def measured(part: str, volume: np.ndarray, labels: np.ndarray) -> Pair:
    """Measure every slice of a volume with its labels.

    Raises
    ------
    InputError
        If they differ in shape.
    """
    check_shapes(f"{part}-volume", volume.shape, f"{part}-labels", labels.shape)
    slices = [measure_slice(*each) for each in zip(volume, labels, strict=True)]
    return Pair(part, volume, labels, slices)


def listed(slices: Sequence[int]) -> str:
    """Name slices, counted from 0.

    Examples
    --------
    >>> listed([3])
    'slice 3'
    >>> listed([0, 1, 2, 7])
    'slices 0-2, 7'
    """
    runs: list[list[int]] = []
    for number in slices:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{r[0]}-{r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs]
    rest = sum(len(run) for run in runs[SHOWN:])
    more = f" and {rest} more" if rest else ""
    many = "slices" if len(slices) > 1 else "slice"
    return f"{many} {', '.join(words[:SHOWN])}{more}"
