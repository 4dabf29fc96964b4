"""Thin the borders of a proposal by the challenge's watershed.

Two-level flooding after Soille and Vincent (1990): cells are the basins and
flood the membranes, first in, first out, until they meet. It is no
skeletonisation: a border that separates nothing is flooded away.
"""

import numpy as np

from unet2015.data.compiled import compiled

LINE = 0
UNVISITED = -1
QUEUED = -2


@compiled
def thin(basins):
    """Flood the membranes between the basins.

    Parameters
    ----------
    basins : ndarray, int32, shape (height, width)
        4-connected components of p > t; 0 = membrane.

    Returns
    -------
    ndarray, int32, shape (height, width)
        The grown basins, with the same ids; 0 = watershed line. Without any
        basin, the whole image is one region.

    References
    ----------
    Soille and Vincent, "Determining watersheds in digital pictures via flooding
    simulations", Proc. SPIE 1360 (1990), doi:10.1117/12.24211.
    """
    height, width = basins.shape
    # A frame of queued pixels is never entered and gives no label away, so the
    # flood needs no check of the image's borders.
    framed = np.full((height + 2, width + 2), QUEUED, np.int32)
    inside = framed[1:-1, 1:-1]
    membranes = 0
    for y in range(height):
        for x in range(width):
            inside[y, x] = basins[y, x] if basins[y, x] > 0 else UNVISITED
            membranes += basins[y, x] == 0
    if membranes == basins.size:
        return np.ones((height, width), np.int32)
    queue = np.empty(membranes, np.int64)
    queued = _seed(framed, queue)
    _flood(framed.ravel(), queue, queued, width + 2)
    return inside.copy()


@compiled
def _seed(framed, queue):
    """Queue the membrane pixels beside a basin, x outer, y inner; count them."""
    queued = 0
    rows, columns = framed.shape
    for x in range(1, columns - 1):
        for y in range(1, rows - 1):
            if framed[y, x] == UNVISITED and (
                framed[y, x - 1] > 0
                or framed[y - 1, x] > 0
                or framed[y, x + 1] > 0
                or framed[y + 1, x] > 0
            ):
                framed[y, x] = QUEUED
                queue[queued] = y * columns + x
                queued += 1
    return queued


@compiled
def _flood(state, queue, queued, stride):
    """Label the membrane pixels in the order of the queue."""
    # A pixel becomes a line in its own visit only, which sets the flag: True if
    # it touched a line first and may still join a basin, False once it touched
    # two. So the challenge's single flag never tells of another pixel.
    flag = False
    head = 0
    while head < queued:
        here = queue[head]
        head += 1
        for step in (-1, -stride, 1, stride):  # (x-1, y), (x, y-1), (x+1, y), (x, y+1)
            there = here + step
            if state[there] > 0:
                if state[here] == QUEUED or (state[here] == LINE and flag):
                    state[here] = state[there]
                elif state[here] > 0 and state[here] != state[there]:
                    state[here] = LINE
                    flag = False
            elif state[there] == LINE:
                if state[here] == QUEUED:
                    state[here] = LINE
                    flag = True
            elif state[there] == UNVISITED:
                state[there] = QUEUED
                queue[queued] = there
                queued += 1
