"""Division of a plane among cells: who is nearest, how far is the border.

Each cell is an ellipse; its distance is ``d = r (q - 1)``, where ``q`` is 1
on the ellipse. The cell with the smallest distance owns the pixel (an
anisotropic, additively weighted Voronoi diagram), and the border is about
``(d2 - d1) / |grad (d2 - d1)|`` pixels away.
"""

import numpy as np

from unet2015.data.compiled import compiled

REACH = 10.0
"""Distances to the border are exact up to here, in pixels, and end here."""

_BLOCK = 64
_TILE = 8


def partition(
    warped: np.ndarray,
    centre: np.ndarray,
    radius: np.ndarray,
    angle: np.ndarray,
    aspect: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Give every pixel to its nearest cell.

    Parameters
    ----------
    warped : ndarray, shape (2, height, width), float32
        (y, x) at which each pixel looks up its cell, in pixels.
    centre : ndarray, shape (cells, 2), float64
        (y, x) of the cells; at least two cells.
    radius, angle, aspect : ndarray, shape (cells,), float64
        As in :class:`unet2015.phantom.neurites.Neurites`.

    Returns
    -------
    owner : ndarray, shape (height, width), int32
        Index of the nearest cell.
    border : ndarray, shape (height, width), float32
        Distance to the next cell in pixels, 0..REACH.
    """
    root = np.sqrt(aspect)
    cos, sin = np.cos(angle), np.sin(angle)
    # d = |(along, across) . (p - c)| - r with rows scaled to the two axes.
    cells = np.stack(
        [*centre.T, sin / root, cos / root, cos * root, -sin * root, radius, root],
        axis=1,
    )
    owner = np.empty(warped.shape[1:], dtype=np.int32)
    border = np.empty(warped.shape[1:], dtype=np.float32)
    _divide(warped, cells, owner, border)
    return owner, border


@compiled
def _distance(cell, y, x):
    """Distance of (y, x) to one cell."""
    dy, dx = y - cell[0], x - cell[1]
    along = cell[2] * dy + cell[3] * dx
    across = cell[4] * dy + cell[5] * dx
    return np.sqrt(along * along + across * across) - cell[6]


@compiled
def _gradient(cell, distance, y, x):
    """Gradient (y, x) of the distance to one cell."""
    dy, dx = y - cell[0], x - cell[1]
    norm = max(distance + cell[6], 1e-9)
    along = (cell[2] * dy + cell[3] * dx) / norm
    across = (cell[4] * dy + cell[5] * dx) / norm
    return along * cell[2] + across * cell[4], along * cell[3] + across * cell[5]


@compiled
def _nearby(cells, among, tile):
    """List the cells of `among` that matter to the pixels of a tile.

    A distance changes by at most ``root`` a pixel, so a cell farther than the
    second nearest by more than the bounds allow owns no pixel here and no
    border within REACH.
    """
    y0, y1 = tile[0].min(), tile[0].max()
    x0, x1 = tile[1].min(), tile[1].max()
    y, x = 0.5 * (y0 + y1), 0.5 * (x0 + x1)
    half = 0.5 * np.sqrt((y1 - y0) ** 2 + (x1 - x0) ** 2)
    distance = np.empty(len(among))
    first = second = np.inf
    for k, i in enumerate(among):
        distance[k] = _distance(cells[i], y, x)
        upper = distance[k] + cells[i, 7] * half
        if upper < first:
            first, second = upper, first
        elif upper < second:
            second = upper
    slack = cells[among, 7] * (half + REACH)
    bound = second + cells[:, 7].max() * REACH
    return among[distance - slack <= bound]


@compiled
def _look(cells, found, distance, y, x):
    """Return the nearest of the found cells and the distance to its border.

    Borders add up as inverse cubes: the nearest one decides, but between two
    the sum rounds the corner, as the surface of a cell does.
    """
    nearest = 0
    for k in range(len(found)):
        distance[k] = _distance(cells[found[k]], y, x)
        if distance[k] < distance[nearest]:
            nearest = k
    owner, best = found[nearest], distance[nearest]
    gy, gx = _gradient(cells[owner], best, y, x)
    closeness = REACH**-3
    for k in range(len(found)):
        cell = cells[found[k]]
        gap = distance[k] - best
        if k == nearest or gap > REACH * (cell[7] + cells[owner, 7]):
            continue
        grad_y, grad_x = _gradient(cell, distance[k], y, x)
        slope = max(np.sqrt((grad_y - gy) ** 2 + (grad_x - gx) ** 2), 0.3)
        border = max(gap / slope, 0.01)
        if border < REACH:
            closeness += 1 / (border * border * border) - REACH**-3
    return owner, closeness ** (-1 / 3)


@compiled
def _fill(cells, found, tile, owner, border):
    """Fill `owner` and `border` of one tile, views into the plane."""
    distance = np.empty(len(found))
    for i in range(owner.shape[0]):
        for j in range(owner.shape[1]):
            owner[i, j], border[i, j] = _look(
                cells, found, distance, tile[0, i, j], tile[1, i, j]
            )


@compiled
def _divide(warped, cells, owner, border):
    """Fill the plane tile by tile; coarse blocks keep the lists short."""
    height, width = owner.shape
    everyone = np.arange(len(cells))
    for above in range(0, height, _BLOCK):
        for before in range(0, width, _BLOCK):
            bottom, right = min(above + _BLOCK, height), min(before + _BLOCK, width)
            block = _nearby(cells, everyone, warped[:, above:bottom, before:right])
            for top in range(above, bottom, _TILE):
                for left in range(before, right, _TILE):
                    rows = slice(top, min(top + _TILE, bottom))
                    columns = slice(left, min(left + _TILE, right))
                    tile = warped[:, rows, columns]
                    found = _nearby(cells, block, tile)
                    _fill(
                        cells, found, tile, owner[rows, columns], border[rows, columns]
                    )
