"""Which cells of neighbouring training slices are the same.

Labels do not say so. Two cells are the same if each shares most pixels with the other,
and at least half of the smaller one. A cell without such a partner, which ends,
branches or moves far, is doubtful.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from unet2015.data.overlap import mutual_best
from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.weight_map import instances_of


class Linked(NamedTuple):
    """A neighbour of a slice."""

    place: int  # among the training slices
    here: np.ndarray  # numbers by the number of a cell, see linked_cells
    there: np.ndarray


def linked_slices(
    slices: TrainingSlices, steps: Collection[int]
) -> dict[tuple[int, int], Linked]:
    """Return the neighbours of slices by the place of the slice and the step.

    Parameters
    ----------
    slices : TrainingSlices
        Only these have neighbours, and are some.
    steps : collection of int
        From slice to slice in the stack, not 0.
    """
    indices = slices.indices or range(len(slices.labels))
    places = {index: place for place, index in enumerate(indices)}
    cells = [instances_of(labels) for labels in slices.labels] if steps else []
    found = {}
    for step in steps:
        for index, place in places.items():
            if index + step in places:
                other = places[index + step]
                numbers = linked_cells(cells[place], cells[other])
                found[place, step] = Linked(other, *numbers)
    return found


def linked_cells(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers for the cells of two slices that are alike for the same cell.

    Parameters
    ----------
    one, other : ndarray, int, shape (height, width)
        1, 2, ... = cells, 0 = none.

    Returns
    -------
    in_one, in_other : ndarray, int32, shape (cells + 1,)
        By the number of a cell: that of its partner in `one`, or 0 if it is doubtful.

    Examples
    --------
    >>> linked_cells(np.array([[1, 1, 2, 2, 2]]), np.array([[2, 2, 2, 2, 1]]))
    (array([0, 1, 0], dtype=int32), array([0, 0, 1], dtype=int32))
    """
    before, after = mutual_best(one, other)
    partners = np.zeros(one.max() + 1, np.int64)
    partners[before] = after
    alike = (other > 0) & (partners[one] == other)
    shared, *sizes = (
        np.bincount(each, minlength=max(one.max(), other.max()) + 1)
        for each in (one[alike], one.ravel(), other.ravel())
    )
    certain = 2 * shared[before] >= np.minimum(sizes[0][before], sizes[1][after])
    numbers = [np.zeros(each.max() + 1, np.int32) for each in (one, other)]
    for each, cells in zip(numbers, (before, after), strict=True):
        each[cells[certain]] = before[certain]
    return numbers[0], numbers[1]
