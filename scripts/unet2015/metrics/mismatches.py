"""Which pixels left over by the warping split or merge a cell.

The warping flips every pixel that it can without a change of topology. The
mismatches that remain are topological errors. Those that add or delete an
object or a hole are ignored by the challenge; splits and merges count.
"""

import numpy as np

from unet2015.data.compiled import compiled

RADIUS = 20
"""Half width of the window in which a cleared pixel is judged."""


@compiled
def classify(ids, residuals):
    """Count the residual pixels that split or merge cells.

    By the number of distinct ids (0 included) among a pixel's neighbours in
    the image: one, ignored; two, a split if the pixel is foreground and to
    clear it separates its neighbours, else ignored; three or more, a split if
    the pixel is foreground, a merge if it is background.

    Parameters
    ----------
    ids : ndarray, int32, shape (height, width)
        4-connected components of the warped labels, 0 = background.
    residuals : ndarray, int64, shape (n, 2)
        y and x of the mismatches that remain.

    Returns
    -------
    splits, merges : int
        Pixels of each kind.
    """
    splits, merges = 0, 0
    for k in range(len(residuals)):
        y, x = residuals[k, 0], residuals[k, 1]
        distinct = _distinct_neighbours(ids, y, x)
        if ids[y, x] == 0:
            merges += distinct > 2
        elif distinct > 2 or (distinct == 2 and _separates(ids, y, x)):
            splits += 1
    return splits, merges


@compiled
def _distinct_neighbours(ids, y, x):
    """Count the distinct ids among the eight neighbours inside the image."""
    found = np.empty(8, np.int32)
    distinct = 0
    for v in range(max(y - 1, 0), min(y + 2, ids.shape[0])):
        for u in range(max(x - 1, 0), min(x + 2, ids.shape[1])):
            if (v == y and u == x) or (found[:distinct] == ids[v, u]).any():
                continue
            found[distinct] = ids[v, u]
            distinct += 1
    return distinct


@compiled
def _separates(ids, y, x):
    """Tell whether more than two ids surround the pixel once it is cleared.

    The components are those of the window of 41 x 41 pixels around it, zeros
    outside the image; of the whole image if a side is under 20. One id is 0:
    a foreground pixel with two ids around it has a background neighbour.
    """
    height, width = ids.shape
    whole = height < RADIUS or width < RADIUS
    top, left = (0, 0) if whole else (y - RADIUS, x - RADIUS)
    rows, columns = (height, width) if whole else (2 * RADIUS + 1, 2 * RADIUS + 1)
    unseen = np.zeros((rows, columns), np.bool_)
    for v in range(max(top, 0), min(top + rows, height)):
        for u in range(max(left, 0), min(left + columns, width)):
            unseen[v - top, u - left] = ids[v, u] != 0
    y, x = y - top, x - left
    unseen[y, x] = False
    distinct = 1
    for v in range(max(y - 1, 0), min(y + 2, rows)):
        for u in range(max(x - 1, 0), min(x + 2, columns)):
            if unseen[v, u]:
                distinct += 1
                _erase(unseen, v, u)
    return distinct > 2


@compiled
def _erase(unseen, y, x):
    """Clear the 4-connected component of a pixel."""
    stack = [(y, x)]
    unseen[y, x] = False
    while len(stack) > 0:
        y, x = stack.pop()
        for v, u in ((y, x - 1), (y - 1, x), (y, x + 1), (y + 1, x)):
            if 0 <= v < unseen.shape[0] and 0 <= u < unseen.shape[1] and unseen[v, u]:
                unseen[v, u] = False
                stack.append((v, u))
