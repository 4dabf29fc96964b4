"""Slices beside truth, probability and segmentation (paper, figure 2)."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from scipy import ndimage

from unet2015.data.stacks import is_unknown
from unet2015.errors import InputError
from unet2015.figures.label_colours import colour_cells
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.style import INK, WIDTH, show, styled


class Row(NamedTuple):
    """What is known of one slice, each array of shape (height, width)."""

    slice: int
    image: np.ndarray  # uint8
    labels: np.ndarray | None  # uint8; None = nobody knows
    probability: np.ndarray  # float32


def evenly_spaced(count: int, total: int) -> list[int]:
    """Return the middle of each of `count` equal parts of 0..total - 1.

    All of them if there are fewer than `count`, as in a small fold.

    Raises
    ------
    InputError
        If either number is not positive.
    """
    if count < 1 or total < 1:
        raise InputError(
            f"{count} of {total} scored slices cannot be shown, expected at least 1 "
            "of 1; raise the number of slices or choose a split that scores some"
        )
    count = min(count, total)
    return [(2 * part + 1) * total // (2 * count) for part in range(count)]


def choose_rows(
    volume: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray,
    scored: list[int],
    count: int,
) -> list[Row]:
    """Choose a few scored slices, evenly spaced.

    Parameters
    ----------
    volume, labels : ndarray, uint8, shape (slices, height, width)
        The full stack and its labels (255 = interior, 127 throughout = unknown).
    probability : ndarray, float32, shape (scored slices, height, width)
        Probability of cell interior, in the order of `scored`.
    scored : list of int
        0-based indices into the full stack.
    count : int
        Slices to show, at most.

    Raises
    ------
    InputError
        If the stacks or the indices do not fit each other.
    """
    if labels.shape != volume.shape:
        raise InputError(
            f"the labels have shape {labels.shape}, expected that of the volume, "
            f"{volume.shape}; give the labels of the same stack"
        )
    if max(scored, default=0) >= len(volume):
        raise InputError(
            f"the split scores slice {max(scored)}, expected 0..{len(volume) - 1} "
            "(the slices of the volume); give the stack that the split names"
        )
    expected = (len(scored), *volume.shape[1:])
    if probability.shape != expected:
        raise InputError(
            f"the probability stack has shape {probability.shape}, expected {expected} "
            "(the scored slices only, in order); predict it with the same split"
        )
    truth = None if is_unknown(labels) else labels
    return [
        Row(s, volume[s], None if truth is None else truth[s], probability[i])
        for i, s in ((i, scored[i]) for i in evenly_spaced(count, len(scored)))
    ]


@styled
def draw(
    rows: list[Row], threshold: float, title: str, nm_per_pixel: float | None = None
) -> Figure:
    """Draw one row of panels a slice.

    Parameters
    ----------
    rows : list of Row
        At least one; all of the same size.
    threshold : float
        Pixels above it are cell interior, 0..1.
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
        shown = _draw_row(panels, row, threshold)
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(name)
    if nm_per_pixel is not None:
        draw_scale_bar(grid[0, 0], rows[0].image.shape, nm_per_pixel)
    if rows[-1].labels is not None:
        grid[-1, 1].set_xlabel("white: cell, black: membrane", fontsize=8)
    _keys(grid[-1], shown, threshold)
    figure.suptitle(title or None)
    return figure


def _draw_row(panels: np.ndarray, row: Row, threshold: float) -> AxesImage:
    """Fill the four panels of a slice; return the shown probability."""
    image, truth, probability, segmentation = panels
    show(image, row.image)
    image.set_ylabel(f"slice {row.slice}")
    if row.labels is None:
        _draw_unknown(truth, row.image.shape)
    else:
        show(truth, row.labels, interpolation="nearest")
    shown = show(probability, row.probability, vmin=0, vmax=1)
    cells = ndimage.label(row.probability > threshold)[0]
    show(segmentation, colour_cells(cells), interpolation="nearest")
    return shown


def _draw_unknown(axes: Axes, shape: tuple[int, int]) -> None:
    """Say in words that there is no truth to show."""
    show(axes, np.full(shape, 238, dtype=np.uint8))
    words = "the labels of this stack\nare not available"
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center")


def _keys(panels: np.ndarray, shown: AxesImage, threshold: float) -> None:
    """Explain probability and segmentation below the last row."""
    probability, segmentation = panels[2:]
    bar = probability.inset_axes([0, -0.07, 1, 0.035])
    ticks = sorted({0, threshold, 1})
    probability.figure.colorbar(shown, cax=bar, orientation="horizontal", ticks=ticks)
    bar.set_xticklabels([f"{tick:g}" for tick in ticks], color=INK)
    segmentation.set_xlabel(f"cells where p > {threshold:g}", fontsize=8)
