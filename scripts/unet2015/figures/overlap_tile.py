"""The input that a tile needs and the output that it gives (paper, figure 2)."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from unet2015.errors import InputError
from unet2015.figures.style import OKABE_ITO, WIDTH, letter, show, styled
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.tiling import Tile, canvas_side, cut
from unet2015.network.sizes import Sizes

INPUT, OUTPUT = OKABE_ITO["sky blue"], OKABE_ITO["yellow"]
RIM = [withStroke(linewidth=3.6, foreground="black")]
RULE = {"color": OUTPUT, "lw": 1, "ls": "--"}
PALE = 0.6
"""Opacity of what lies outside the slice."""


class Tiling(NamedTuple):
    """The tiles of a slice along its rows and its columns."""

    rows: list[Tile]
    columns: list[Tile]


def choose_tiling(shape: tuple[int, int], sizes: Sizes, tile: int) -> Tiling:
    """Cut a slice into tiles that show how they overlap.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    sizes : Sizes
        Of the network.
    tile : int
        Largest side of a tile, pixels; 0 = one whose output is half the slice, or
        less where its input would otherwise be all there is.

    Raises
    ------
    InputError
        If `tile` leaves no room between the context on both sides.
    """
    try:
        return Tiling(
            *(cut(side, sizes, tile or _telling(side, sizes)) for side in shape)
        )
    except ValueError as error:
        raise InputError(f"tile: {error}") from error


def _telling(side: int, sizes: Sizes) -> int:
    """Return the side of a tile that shows best what overlaps, pixels."""
    half = -(-side // (2 * sizes.step)) * sizes.step
    wanted = sizes.least_tile() - sizes.step + half
    below_all = canvas_side(side, sizes) - sizes.step
    return max(sizes.least_tile(), min(wanted, below_all))


@styled
def draw_overlap_tile(
    image: np.ndarray, cells: np.ndarray, tiling: Tiling, border: str = "mirror"
) -> Figure:
    """Draw the first tile on a slice and on its segmentation.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
        Grey levels.
    cells : ndarray, bool, shape (height, width)
        Predicted cell interior.
    tiling : Tiling
        Of the slice.
    border : {"mirror", "zero"}
        What lies outside, see :func:`unet2015.inference.borders.crop_mirrored`.
    """
    rows, columns = (range(axis[0].lead, axis[-1].tail) for axis in tiling)
    # From the edge, not the centre, of the first and last pixel.
    edges = (columns.start, columns.stop, rows.stop, rows.start)
    extent = tuple(edge - 0.5 for edge in edges)
    figure = Figure(figsize=(WIDTH, WIDTH / 2 * len(rows) / len(columns) + 0.3))
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.003, right=0.997, bottom=0.005, top=0.94, wspace=0.02)
    show(left, crop_mirrored(image, rows, columns, border), extent=extent, alpha=PALE)
    show(left, image)
    show(right, cells, vmin=0, vmax=1, interpolation="nearest")
    for axes, name, words in (
        (left, "a", "input that the tile needs (blue): {} × {} px"),
        (right, "b", "output that it gives (yellow): {} × {} px"),
    ):
        axes.set(xlim=extent[:2], ylim=extent[2:])
        axes.set_facecolor("0.88")
        _draw_tiles(axes, tiling, name)
        parts = [_part(axis[0], name) for axis in tiling]
        axes.set_title(words.format(*(stop - start for start, stop in parts)))
        letter(axes, name)
    return figure


def _part(tile: Tile, panel: str) -> tuple[int, int]:
    """Return the input (panel a) or the output (panel b) of a tile along an axis."""
    return (tile.lead, tile.tail) if panel == "a" else (tile.start, tile.stop)


def _draw_tiles(axes: Axes, tiling: Tiling, panel: str) -> None:
    """Rule off the output of every tile; outline the first, with its input in a."""
    bottom, right = (axis[-1].stop for axis in tiling)
    for tile in tiling.rows:
        axes.plot([-0.5, right - 0.5], [tile.start - 0.5] * 2, **RULE)
    for tile in tiling.columns:
        axes.plot([tile.start - 0.5] * 2, [-0.5, bottom - 0.5], **RULE)
    for part, colour in (("a", INPUT), ("b", OUTPUT)):
        (top, below), (left, beyond) = (_part(axis[0], part) for axis in tiling)
        place, size = (left - 0.5, top - 0.5), (beyond - left, below - top)
        outline = {"ec": colour, "fc": "none", "lw": 2.2, "clip_on": False}
        if part in ("b", panel):
            axes.add_patch(Rectangle(place, *size, **outline, path_effects=RIM))
