"""The border-weight map of a sample (paper, figure 3)."""

import numpy as np
from matplotlib.figure import Figure

from unet2015.figures.label_colours import colour_cells
from unet2015.figures.style import WIDTH, letter, show, styled
from unet2015.samples.weight_map import instances_of

OPACITY = 0.45


def overlay(image: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Lay the colours of cells over an image.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
        Grey levels.
    cells : ndarray, int, shape (height, width)
        0 = membrane, left grey; 1.. = cells.

    Returns
    -------
    ndarray, float64, shape (height, width, 3)
        Red, green, blue, 0..1.
    """
    grey = np.repeat(image[..., np.newaxis] / 255, 3, axis=2)
    mixed = (1 - OPACITY) * grey + OPACITY * colour_cells(cells)
    return np.where(cells[..., np.newaxis] > 0, mixed, grey)


@styled
def draw_weights(image: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Figure:
    """Draw image, instances, mask and weight map side by side.

    Parameters
    ----------
    image, labels : ndarray, uint8, shape (height, width)
        Grey levels; 255 = cell interior, 0 = membrane.
    weights : ndarray, float, shape (height, width)
        w(x), without unit.
    """
    height, width = image.shape
    figure = Figure(figsize=(WIDTH, WIDTH / 4 * height / width + 0.3))
    grid = figure.subplots(1, 4)
    figure.subplots_adjust(left=0.003, right=0.945, wspace=0.04, bottom=0, top=0.88)
    cells = instances_of(labels)
    show(grid[0], image, "raw image")
    show(grid[1], overlay(image, cells), "true cells")
    show(grid[2], labels, "generated mask", interpolation="nearest")
    loss = {"cmap": "inferno", "vmin": 0, "interpolation": "nearest"}
    shown = show(grid[3], weights.astype(np.float32), "weight map $w(x)$", **loss)
    bar = grid[3].inset_axes([1.04, 0, 0.05, 1])
    figure.colorbar(shown, cax=bar)
    for axes, name in zip(grid, "abcd", strict=True):
        letter(axes, name)
    return figure
