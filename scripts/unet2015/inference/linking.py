"""Ids of cells that go on through the stack, by the overlap of neighbouring slices."""

from collections.abc import Iterable, Iterator

import numpy as np

from unet2015.data.overlap import mutual_best


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
