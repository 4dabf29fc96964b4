"""Colours for cells: no two neighbours alike, the same on every run."""

import numpy as np
from matplotlib.colors import to_rgb
from skimage.segmentation import expand_labels

from unet2015.figures.style import OKABE_ITO
from unet2015.inference.small_pieces import borders

TINTED = ("orange", "sky blue", "green", "vermilion", "purple")
"""Colours whose tint is not mistaken for another colour."""

MEMBRANE_WIDTH = 10
"""Cells at most this far apart, in pixels, count as neighbours."""


def palette() -> np.ndarray:
    """Return the colours of cells: Okabe-Ito and some tints.

    Returns
    -------
    ndarray, float64, shape (colours, 3)
        Red, green, blue, 0..1.
    """
    full = np.array([to_rgb(colour) for colour in OKABE_ITO.values()])
    tinted = np.array([to_rgb(OKABE_ITO[name]) for name in TINTED])
    return np.concatenate([full, 0.5 + 0.5 * tinted])


def neighbours(cells: np.ndarray) -> list[set[int]]:
    """Return for each cell, 0 (membrane) included, the ids of those beside it.

    Parameters
    ----------
    cells : ndarray, int, shape (height, width)
        0 = membrane, 1.. = cells.
    """
    grown = expand_labels(cells, MEMBRANE_WIDTH / 2)
    return [set(beside) for beside in borders(grown, int(cells.max()) + 1)]


def colour_cells(cells: np.ndarray) -> np.ndarray:
    """Paint every cell; membranes stay black.

    Large cells choose first, at random among the colours that no neighbour has;
    a cell with a neighbour of every colour takes any.

    Parameters
    ----------
    cells : ndarray, int, shape (height, width)
        0 = membrane, 1.. = cells.

    Returns
    -------
    ndarray, float64, shape (height, width, 3)
        Red, green, blue, 0..1.
    """
    colours = palette()
    beside = neighbours(cells)
    chosen = np.full(len(beside), -1)
    sizes = np.bincount(cells.ravel(), minlength=len(beside))
    rng = np.random.default_rng(0)
    for cell in np.argsort(-sizes[1:], kind="stable") + 1:
        taken = {chosen[other] for other in beside[cell]}
        free = [index for index in range(len(colours)) if index not in taken]
        chosen[cell] = rng.choice(free or len(colours))
    table = np.concatenate([np.zeros((1, 3)), colours[chosen[1:]]])
    return table[cells]
