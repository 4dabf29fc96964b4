"""What affinities are trained on: which pixels of a sample belong to the same cell.

The cells of a slice are the 4-connected pieces of its interior, grown until they meet
on the centre lines of the membranes. They are numbered in the whole slice and deformed
with the sample, so that a cell that the border of the sample cuts remains one.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from unet2015.data.offset_pairs import paired
from unet2015.data.stacks import UNKNOWN
from unet2015.samples.augmentation import random_numbers, warped_ids
from unet2015.samples.weight_map import instances_of

NO_PART = -1
"""Target of a pair that takes no part in the loss."""


class AffinityTargets:
    """The targets of the samples of a stream, by index.

    Parameters
    ----------
    labels : ndarray, uint8, shape (slices, height, width)
        Of the training slices: 255 = cell interior, 0 = membrane, 127 = unknown.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.
    """

    def __init__(self, labels: np.ndarray, offsets: Sequence[Sequence[int]]):
        self.offsets = offsets
        self._cells = np.stack([grown_cells(each) for each in labels])

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
            -1 = takes no part, as one of them is unknown or lies outside the sample or
            the slice, whose mirror image holds every cell twice.
        """
        drawn = random_numbers(seed, index, self._cells.shape, settings)
        cells = warped_ids(self._cells[drawn.slice], drawn, settings["side"])
        return same_cell(cells, self.offsets)


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


def same_cell(cells: np.ndarray, offsets: Sequence[Sequence[int]]) -> np.ndarray:
    """Return which pixels belong to the cell of the pixel at + offset.

    Parameters
    ----------
    cells : ndarray, int, shape (height, width)
        Numbers of cells, 0 = unknown.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.

    Returns
    -------
    ndarray, int8, shape (offsets, height, width)
        See :meth:`AffinityTargets.sample`.

    Examples
    --------
    >>> same_cell(np.array([[1, 1, 2, 0]]), [(0, 0, 1)]).tolist()
    [[[1, 0, -1, -1]]]
    """
    targets = np.full((len(offsets), *cells.shape), NO_PART, np.int8)
    for target, (_, rows, columns) in zip(targets, offsets, strict=True):
        here, there = paired(cells.shape, rows, columns)
        one, other = cells[here], cells[there]
        target[here] = np.where((one > 0) & (other > 0), one == other, NO_PART)
    return targets
