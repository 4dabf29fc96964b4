"""Cells of two slices that lie over each other."""

import numpy as np


def mutual_best(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells of two slices that share most pixels with each other.

    Parameters
    ----------
    before, after : ndarray, int, shape (height, width)
        1, 2, ... = cells, 0 = none.

    Returns
    -------
    one, other : ndarray, int64, shape (pairs,)
        Ids in `before` and `after`. Of equal overlaps the first counts, with the lowest
        ids.
    """
    width = int(after.max()) + 1
    keys = before.ravel().astype(np.int64) * width + after.ravel()
    pairs, shared = np.unique(keys, return_counts=True)
    one, other = np.divmod(pairs, width)
    cells = (one > 0) & (other > 0)
    return _mutual(one[cells], other[cells], shared[cells])


def _mutual(
    one: np.ndarray, other: np.ndarray, shared: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the pairs that are the best of both their cells."""
    best = np.ones(len(shared), bool)
    for cells in (one, other):
        order = np.lexsort((-shared, cells))  # stable: of equals, the first pair
        first = np.zeros(len(shared), bool)
        starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
        first[order[starts]] = True
        best &= first
    return one[best], other[best]
