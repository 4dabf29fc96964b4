"""Slices beside truth, probability and segmentation (paper, figure 2)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from scipy import ndimage

from unet2015.figures.label_colours import colour_cells
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.slice_choice import ShownSlice
from unet2015.figures.style import INK, THRESHOLD, WIDTH, show, styled


@styled
def draw_qualitative(
    rows: list[ShownSlice], title: str, nm_per_pixel: float | None = None
) -> Figure:
    """Draw one row of panels a slice.

    Parameters
    ----------
    rows : list of ShownSlice
        At least one; all of the same size.
    title : str
        Above the figure; may be empty.
    nm_per_pixel : float, optional
        With it, the first image gets a scale bar.
    """
    height, width = rows[0].image.shape
    panel = WIDTH / 4
    tall = len(rows) * panel * height / width + 0.6
    figure = Figure(figsize=(WIDTH, tall), layout="compressed")
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    grid = figure.subplots(len(rows), 4, squeeze=False)
    names = ("image", "truth", "probability of cell interior", "segmentation")
    for panels, row in zip(grid, rows, strict=True):
        shown = _draw_row(panels, row)
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(name)
    if nm_per_pixel is not None:
        draw_scale_bar(grid[0, 0], rows[0].image.shape, nm_per_pixel)
    if rows[-1].labels is not None:
        grid[-1, 1].set_xlabel("white: cell, black: membrane", fontsize=8)
    _keys(grid[-1], shown)
    figure.suptitle(title or None)
    return figure


def _draw_row(panels: np.ndarray, row: ShownSlice) -> AxesImage:
    """Fill the four panels of a slice; return the shown probability."""
    image, truth, probability, segmentation = panels
    show(image, row.image)
    image.set_ylabel(f"slice {row.slice}")
    if row.labels is None:
        _draw_unknown(truth, row.image.shape)
    else:
        show(truth, row.labels, interpolation="nearest")
    shown = show(probability, row.probability, vmin=0, vmax=1)
    cells = ndimage.label(row.probability > THRESHOLD)[0]
    show(segmentation, colour_cells(cells), interpolation="nearest")
    return shown


def _draw_unknown(axes: Axes, shape: tuple[int, int]) -> None:
    """Say in words that there is no truth to show."""
    show(axes, np.full(shape, 238, dtype=np.uint8))
    words = "the labels of this stack\nare not available"
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center")


def _keys(panels: np.ndarray, shown: AxesImage) -> None:
    """Explain probability and segmentation below the last row."""
    probability, segmentation = panels[2:]
    bar = probability.inset_axes([0, -0.07, 1, 0.035])
    ticks = [0, THRESHOLD, 1]
    probability.figure.colorbar(shown, cax=bar, orientation="horizontal", ticks=ticks)
    bar.set_xticklabels([f"{tick:g}" for tick in ticks], color=INK)
    segmentation.set_xlabel(f"cells where p > {THRESHOLD:g}", fontsize=8)
