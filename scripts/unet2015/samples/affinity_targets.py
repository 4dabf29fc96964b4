"""What affinities are trained on: which pixels of a sample belong to the same cell.

The cells of a slice are the 4-connected pieces of its interior, grown until they meet
on the centre lines of the membranes. They are numbered in the whole slice and deformed
with the sample, so that a cell that the border of the sample cuts remains one.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from unet2015.data.offsets import paired
from unet2015.data.stacks import UNKNOWN
from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.augmentation import RandomNumbers, random_numbers, warped_ids
from unet2015.samples.linked_cells import linked_slices
from unet2015.samples.weight_map import instances_of

NO_PART = -1
"""Target of a pair that takes no part in the loss."""


class AffinityTargets:
    """The targets of the samples of a stream, by index.

    Parameters
    ----------
    slices : TrainingSlices
        What samples are cut from.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.
    """

    def __init__(self, slices: TrainingSlices, offsets: Sequence[Sequence[int]]):
        self.offsets = np.array(offsets)
        self._cells = np.stack([grown_cells(labels) for labels in slices.labels])
        self._linked = linked_slices(slices, set(self.offsets[:, 0].tolist()) - {0})

    def sample(self, seed: int, index: int, settings: dict) -> np.ndarray:
        """Return the targets of a sample.

        Parameters
        ----------
        seed, index, settings
            See :func:`unet2015.samples.augmentation.sample`.

        Returns
        -------
        ndarray, int8, shape (offsets, side, side)
            1 if the pixel and the one at + offset belong to the same cell, 0 if not.
            -1 = takes no part, as one of them is unknown or doubtful, or lies outside
            the sample, the slices that are trained on, or the slice, whose mirror image
            holds every cell twice.
        """
        side = settings["side"]
        drawn = random_numbers(seed, index, self._cells.shape, settings)
        here = warped_ids(self._cells[drawn.slice], drawn, side)
        targets = np.full((len(self.offsets), side, side), NO_PART, np.int8)
        for step in np.unique(self.offsets[:, 0]):
            ends = self._linked_to(step, here, drawn) if step else (here, here)
            if ends is not None:
                chosen = self.offsets[:, 0] == step
                targets[chosen] = same_cell(*ends, self.offsets[chosen, 1:])
        return targets

    def _linked_to(
        self, step: int, here: np.ndarray, drawn: RandomNumbers
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the cells of a sample and of that of another slice, numbered alike."""
        if (drawn.slice, step) not in self._linked:
            return None
        beside, *numbers = self._linked[drawn.slice, step]
        there = warped_ids(self._cells[beside], drawn, len(here))
        return numbers[0][here], numbers[1][there]


def grown_cells(labels: np.ndarray) -> np.ndarray:
    """Return the cells of a slice, numbered and grown over the membranes.

    Parameters
    ----------
    labels : ndarray, uint8, shape (height, width)
        255 = cell interior, 0 = membrane, 127 = unknown.

    Returns
    -------
    ndarray, int32, shape (height, width)
        The number of the nearest cell; 0 where labels are unknown, and everywhere if
        there is no cell.
    """
    cells = instances_of(labels)
    if not cells.any():
        return cells
    nearest = ndimage.distance_transform_edt(
        cells == 0, return_distances=False, return_indices=True
    )
    grown = cells[tuple(nearest)]
    grown[labels == UNKNOWN] = 0
    return grown


def same_cell(
    cells: np.ndarray, others: np.ndarray, offsets: Sequence[Sequence[int]]
) -> np.ndarray:
    """Return which pixels belong to the cell of the pixel at + offset.

    Parameters
    ----------
    cells, others : ndarray, int, shape (height, width)
        Numbers of cells, 0 = takes no part, in the slice of the pixel and in that of
        the one at + offset.
    offsets : sequence of two int each
        (rows, columns), pixels.

    Returns
    -------
    ndarray, int8, shape (offsets, height, width)
        See :meth:`AffinityTargets.sample`.

    Examples
    --------
    >>> cells = np.array([[1, 1, 2, 0]])
    >>> same_cell(cells, cells, [(0, 1)]).tolist()
    [[[1, 0, -1, -1]]]
    """
    targets = np.full((len(offsets), *cells.shape), NO_PART, np.int8)
    for target, offset in zip(targets, offsets, strict=True):
        here, there = paired(cells.shape, [*map(int, offset)])
        one, other = cells[here], others[there]
        target[here] = np.where((one > 0) & (other > 0), one == other, NO_PART)
    return targets
