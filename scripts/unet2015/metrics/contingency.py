"""How the segments of the ground truth and of a proposal overlap."""

from typing import NamedTuple

import numpy as np

from unet2015.data.compiled import compiled


class Segments(NamedTuple):
    """The foreground pixels of the ground truth, sorted by segment.

    Attributes
    ----------
    pixels : ndarray, int64, shape (n,)
        Flat indices of the pixels of segment 1, then of segment 2, ...
    bounds : ndarray, int64, shape (segments + 1,)
        `pixels[bounds[i]:bounds[i + 1]]` is segment i + 1.
    """

    pixels: np.ndarray
    bounds: np.ndarray


class Contingency(NamedTuple):
    """Pixel counts c_ij over the ground-truth foreground of one slice.

    Row i >= 1 is a ground-truth segment; column j >= 1 is a segment of the
    proposal and column 0 its background.

    Attributes
    ----------
    rows : ndarray, int64, shape (ground-truth segments,)
        Sums over j >= 0: column 0 included.
    columns : ndarray, int64, shape (proposal segments,)
        Sums over i >= 1, for j >= 1.
    cells : ndarray, int64, shape (overlaps,)
        The nonzero c_ij with i, j >= 1.
    unmatched : int
        u, the sum of column 0: foreground pixels that the proposal calls
        membrane. Each counts as a segment of its own.
    """

    rows: np.ndarray
    columns: np.ndarray
    cells: np.ndarray
    unmatched: int


def segments(ids: np.ndarray) -> Segments:
    """Sort the foreground pixels of the ground truth by segment.

    Parameters
    ----------
    ids : ndarray, int32, shape (height, width)
        Ground truth: 0 = membrane, 1, 2, ... = segments, none without a pixel.
    """
    flat = ids.ravel()
    foreground = np.flatnonzero(flat)
    order = np.argsort(flat[foreground], kind="stable")
    sizes = np.bincount(flat)[1:]
    return Segments(foreground[order], np.concatenate([[0], np.cumsum(sizes)]))


def tabulate(truth: Segments, ids: np.ndarray) -> Contingency:
    """Count the overlaps of ground truth and proposal.

    Parameters
    ----------
    truth : Segments
        The ground truth of a slice.
    ids : ndarray, int32, shape (height, width)
        Proposal of that slice: 0 = membrane, 1, 2, ... = segments.
    """
    columns, cells, unmatched = _tally(truth.pixels, truth.bounds, ids.ravel())
    return Contingency(np.diff(truth.bounds), columns, cells, unmatched)


@compiled
def _tally(pixels, bounds, ids):
    """Count one row of the table after the other; zeros are never stored."""
    count = ids.max()
    columns = np.zeros(count + 1, np.int64)
    cells = np.empty(pixels.size, np.int64)
    row = np.zeros(count + 1, np.int64)
    met = np.empty(count + 1, np.int64)
    filled = 0
    for i in range(bounds.size - 1):
        overlaps = 0
        for k in range(bounds[i], bounds[i + 1]):
            j = ids[pixels[k]]
            if row[j] == 0:
                met[overlaps] = j
                overlaps += 1
            row[j] += 1
        for j in met[:overlaps]:
            if j > 0:
                cells[filled] = row[j]
                filled += 1
            columns[j] += row[j]
            row[j] = 0
    return columns[1:], cells[:filled].copy(), columns[0]
