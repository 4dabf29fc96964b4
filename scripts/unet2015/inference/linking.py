"""Ids of cells that go on through the stack, by the overlap of neighbouring slices."""

from collections.abc import Iterable, Iterator

import numpy as np


def linked(slices: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Give cells of neighbouring slices one id where they are the same cell.

    A cell is that of the slice before with which it shares most pixels, if that one
    also shares most with it. Two cells of one slice so never share an id, and a cell
    that ends gives its id to nobody. Two slices are in memory at a time.

    Parameters
    ----------
    slices : iterable of ndarray, int, shape (height, width)
        Of each slice 1, 2, ... = cells, 0 = none.

    Yields
    ------
    ndarray, uint32, shape (height, width)
        Ids that are unique in the stack; new ones follow the highest so far.

    Examples
    --------
    >>> slices = np.array([[[1, 1, 1, 2, 2]], [[1, 2, 2, 3, 3]]])
    >>> [ids.tolist() for ids in linked(slices)]
    [[[1, 1, 1, 2, 2]], [[3, 1, 1, 2, 2]]]
    """
    before, names, highest = None, None, 0
    for cells in slices:
        known = np.zeros(int(cells.max()) + 1, np.uint32)
        if before is not None:
            one, other = mutual_best(before, cells)
            known[other] = names[one]
        new = np.flatnonzero(known[1:] == 0) + 1
        known[new] = highest + 1 + np.arange(len(new))
        highest += len(new)
        before, names = cells, known
        yield known[cells]


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
