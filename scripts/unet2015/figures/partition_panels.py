"""What the partition into cells changed, beside what it decided by."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from unet2015.figures.error_panels import (
    REGION_KEYS,
    draw_regions,
    paint,
    paled,
    thick,
)
from unet2015.figures.headed_rows import explain, headed_rows, note
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.slice_choice import ShownSlice
from unet2015.figures.slice_layers import errors_of
from unet2015.figures.slice_pictures import CELL_PALETTE, cell_colours
from unet2015.figures.style import OKABE_ITO, THRESHOLD, letter, show, styled

CUT = OKABE_ITO["purple"]
"""Colour of interior that becomes border."""


class PartitionedSlice(NamedTuple):
    """One slice before and after its partition, arrays of shape (height, width)."""

    before: ShownSlice
    after: np.ndarray  # float32, probability with the borders of the cells set to 0
    affinity: np.ndarray  # uint8, 255 = probability 1
    cells: np.ndarray  # whole numbers, ids


def longest(offsets: Sequence[Sequence[int]]) -> int:
    """Return which offset is the longest in the slice; of equals the first.

    Offsets to other slices come last, whatever their length.
    """
    return max(
        range(len(offsets)),
        key=lambda k: (offsets[k][0] == 0, np.hypot(*offsets[k][1:])),
    )


@styled
def draw_partition(
    rows: list[PartitionedSlice],
    headlines: list[str],
    offset: Sequence[int],
    thresholds: tuple[float, float] | None,
    nm_per_pixel: float | None = None,
) -> Figure:
    """Draw one row of panels a slice.

    Parameters
    ----------
    rows : list of PartitionedSlice
        At least one; all of the same size, and with labels if there are thresholds.
    headlines : list of str
        Above each.
    offset : sequence of int
        Slices, rows and columns of the affinity.
    thresholds : tuple of float, optional
        At which errors are looked for, before and after; without them, the figure
        shows which pixels become border.
    nm_per_pixel : float, optional
        With it, the first image gets a scale bar.
    """
    shape = rows[0].before.image.shape
    figure, panels, foot = headed_rows(shape, headlines, 0.4)
    for axes, row in zip(panels, rows, strict=True):
        if thresholds:
            _draw_errors(axes, row, thresholds)
        else:
            _draw_borders(axes, row)
        show(axes[2], row.affinity, f"affinity, offset {[*offset]}")
        _draw_cells(axes[3], row.cells)
        for panel, name in zip(axes, "abcd", strict=True):
            letter(panel, name)
    if nm_per_pixel is not None:
        draw_scale_bar(panels[0][0], shape, nm_per_pixel)
    _draw_keys(foot, thresholds is not None)
    return figure


def _draw_errors(
    axes: np.ndarray, row: PartitionedSlice, thresholds: tuple[float, float]
) -> None:
    """Show splits and merges before and after."""
    pair = row.before.probability, row.after
    for panel, probability, threshold in zip(axes, pair, thresholds, strict=False):
        faults = errors_of(row.before.labels, probability, threshold)
        draw_regions(panel, row.before.image, faults)


def _draw_borders(axes: np.ndarray, row: PartitionedSlice) -> None:
    """Show the image, and the pixels that become border."""
    show(axes[0], row.before.image, "image")
    cut = is_interior(row.before.probability) & ~is_interior(row.after)
    base = paled(row.before.image)
    paint(base, thick(cut), CUT, 1)
    show(axes[1], base, f"{100 * cut.mean():.1f} % become border")


def is_interior(probability: np.ndarray) -> np.ndarray:
    """Return which pixels are cell interior where no threshold is known to be best."""
    return probability > THRESHOLD


def _draw_cells(axes: Axes, cells: np.ndarray) -> None:
    """Colour the cells as the page of the slices does."""
    colours = np.frombuffer(CELL_PALETTE, np.uint8).reshape(-1, 3)
    count = np.count_nonzero(np.unique(cells))
    show(axes, colours[cell_colours(cells)], f"{count} cells", interpolation="nearest")


def _draw_keys(foot: SubFigure, errors: bool) -> None:
    """Explain the colours under the columns."""
    if errors:
        explain(foot, 0, REGION_KEYS)
        note(foot, 1, 0.75, "after: borders of the cells are set to 0")
        note(foot, 1, 0.3, "t: best threshold of all scored slices")
    else:
        explain(foot, 1, [((CUT, 1), "interior that becomes border")])
    note(foot, 2, 0.75, "white: same cell, black: another")
    note(foot, 3, 0.75, "black: between two cells")
