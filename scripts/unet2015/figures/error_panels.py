"""Where a segmentation errs: splits, merges and the pixels that count."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch
from scipy import ndimage

from unet2015.data.stacks import INTERIOR
from unet2015.figures import error_kinds
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.slice_choice import RankedSlice, ShownSlice
from unet2015.figures.style import OKABE_ITO, WIDTH, letter, show, styled
from unet2015.metrics.challenge import ERRORS
from unet2015.metrics.checks import interior_pair

TOO_MUCH, TOO_LITTLE = OKABE_ITO["vermilion"], OKABE_ITO["blue"]
"""Colours of false membrane, which splits, and of missing membrane, which merges."""

TRUTH, IGNORED = OKABE_ITO["yellow"], OKABE_ITO["green"]
PALE, STRONG, FAINT = 0.25, 0.65, 0.6
"""Opacities of the largest part, of the other parts, and of ignored pixels."""

STRIPE = 10
"""Pixels, width of the stripes where a split cell is merged as well."""

REACH = 9
"""Pixels between a counted pixel and the line that rings it."""


@styled
def draw_errors(
    rows: list[ShownSlice],
    shown: list[RankedSlice],
    thresholds: dict[str, float],
    nm_per_pixel: float | None = None,
) -> Figure:
    """Draw one row of panels a slice.

    Parameters
    ----------
    rows : list of ShownSlice
        The slices of `shown`, with labels; all of the same size.
    shown : list of RankedSlice
        At least one.
    thresholds : dict of str to float
        Best threshold of `v_rand`, `warping_error` and `pixel_error`.
    nm_per_pixel : float, optional
        With it, the first image gets a scale bar.
    """
    height, width = rows[0].image.shape
    panel = WIDTH / 4 * height / width + 0.5
    figure = Figure(figsize=(WIDTH, len(rows) * panel + 0.65))
    *parts, foot = figure.subfigures(
        len(rows) + 1, 1, height_ratios=[panel] * len(rows) + [0.65]
    )
    for part, row, score in zip(parts, rows, shown, strict=True):
        panels = part.subplots(1, 4)
        part.subplots_adjust(
            left=0.003, right=0.997, bottom=0.005, top=1 - 0.44 / panel, wspace=0.03
        )
        part.text(0.003, 1 - 0.07 / panel, _headline(score, thresholds), va="top")
        _draw_panels(panels, row, thresholds)
    if nm_per_pixel is not None:
        draw_scale_bar(parts[0].axes[0], (height, width), nm_per_pixel)
    _draw_keys(foot)
    return figure


def _headline(score: RankedSlice, thresholds: dict[str, float]) -> str:
    """Return the title of a row: the slice and its scores."""
    names = {"v_rand": "V_Rand"} | {name: name.replace("_", " ") for name in ERRORS}
    parts = [
        f"{names[metric]} {value:.3g} (t = {thresholds[metric]:.1f})"
        for metric, value in score.scores.items()
    ]
    return f"slice {score.slice}, {score.rank}:  " + ",  ".join(parts)


def _draw_panels(
    panels: np.ndarray, row: ShownSlice, thresholds: dict[str, float]
) -> None:
    """Fill the four panels of a slice.

    Parameters
    ----------
    panels : ndarray of Axes, shape (4,)
        For borders, regions, residual pixels and single pixels.
    row : ShownSlice
        With labels.
    thresholds : dict of str to float
        Best threshold of `v_rand`, `warping_error` and `pixel_error`.
    """
    label, proposal, _ = interior_pair(row.labels, row.probability)
    proposal = proposal.astype(np.float64)  # the challenge compares doubles
    show(panels[0], row.image, "image, true borders")
    if label.any() and not label.all():
        level = [INTERIOR / 2]
        panels[0].contour(row.labels, levels=level, colors=TRUTH, linewidths=0.6)
    # Paler than the image, so that dark and bright colours stand out.
    grey = np.repeat(row.image[..., np.newaxis] / 255, 3, axis=2)
    pale = 0.45 + 0.55 * grey
    faults = error_kinds.region_errors(label, proposal, thresholds["v_rand"])
    _draw_regions(panels[1], pale.copy(), faults)
    left = error_kinds.residual_pixels(label, proposal, thresholds["warping_error"])
    _draw_residuals(panels[2], pale.copy(), left)
    _draw_pixels(panels[3], pale.copy(), label, proposal > thresholds["pixel_error"])
    for axes, name in zip(panels, "abcd", strict=True):
        letter(axes, name)


def paint(base: np.ndarray, mask: np.ndarray, colour: str, opacity: float) -> None:
    """Mix a colour into the masked pixels of an image, in place.

    Parameters
    ----------
    base : ndarray, float64, shape (height, width, 3)
        Red, green, blue, 0..1.
    mask : ndarray, bool, shape (height, width)
    colour : str
        Any colour of matplotlib.
    opacity : float
        0 leaves the image, 1 replaces it.
    """
    base[mask] = (1 - opacity) * base[mask] + opacity * np.array(to_rgb(colour))


def thick(pixels: np.ndarray) -> np.ndarray:
    """Return the pixels and the eight around each, to be seen in a small panel."""
    return ndimage.binary_dilation(pixels, np.ones((3, 3)))


def _draw_regions(
    axes: Axes, base: np.ndarray, faults: error_kinds.RegionErrors
) -> None:
    """Tint split cells and merging regions, with the borders to blame."""
    y, x = np.indices(faults.split.shape)
    striped = ((x + y) // STRIPE % 2).astype(bool)
    both = faults.split & faults.merged
    for whole, parts, colour, hidden in (
        (faults.split, faults.split_off, TOO_MUCH, both & striped),
        (faults.merged, faults.merged_in, TOO_LITTLE, both & ~striped),
    ):
        paint(base, whole & ~hidden, colour, PALE)
        paint(base, parts & ~hidden, colour, STRONG)
    for lines, colour in (
        (faults.false_borders, TOO_MUCH),
        (faults.missing_borders, TOO_LITTLE),
    ):
        paint(base, thick(lines), colour, 1)
    show(axes, base, f"{faults.splits} × split, {faults.merges} × merged")


def _draw_residuals(
    axes: Axes, base: np.ndarray, left: error_kinds.ResidualPixels
) -> None:
    """Mark and ring the pixels that the warping error counts."""
    paint(base, left.ignored, IGNORED, FAINT)
    for pixels, colour in ((left.split, TOO_MUCH), (left.merge, TOO_LITTLE)):
        paint(base, thick(pixels), colour, 1)
        if pixels.any():
            away = ndimage.distance_transform_edt(~pixels)
            axes.contour(away, levels=[REACH], colors=colour, linewidths=1)
    show(axes, base, f"{left.split.sum()} SPLIT, {left.merge.sum()} MERGE pixels")


def _draw_pixels(
    axes: Axes, base: np.ndarray, label: np.ndarray, proposed: np.ndarray
) -> None:
    """Colour the pixels where proposal and truth differ."""
    false, missing = label & ~proposed, ~label & proposed
    paint(base, false, TOO_MUCH, 0.9)
    paint(base, missing, TOO_LITTLE, 0.9)
    shares = 100 * false.mean(), 100 * missing.mean()
    show(axes, base, "{:.1f} % false, {:.1f} % missing".format(*shares))


def _draw_keys(foot: SubFigure) -> None:
    """Explain the colours under the columns."""
    keys = (
        (((TRUTH, 1), "true border"),),
        (
            ((TOO_MUCH, PALE, STRONG), "split cell: main piece, others"),
            ((TOO_LITTLE, PALE, STRONG), "merging region: main cell, others"),
        ),
        (
            ((TOO_MUCH, 1), "SPLIT pixel, ringed"),
            ((TOO_LITTLE, 1), "MERGE pixel, ringed"),
            ((IGNORED, FAINT), "does not count"),
        ),
        (((TOO_MUCH, 1), "false membrane"), ((TOO_LITTLE, 1), "missing membrane")),
    )
    note = "t: best threshold of all scored slices"
    foot.text(0.0085, 0.42, note, va="center", fontsize=8)
    for column, entries in enumerate(keys):
        foot.legend(
            [tuple(_patches(*colours)) for colours, _ in entries],
            [name for _, name in entries],
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
            loc="upper left",
            bbox_to_anchor=(0.003 + 0.2495 * column, 1),
            borderaxespad=0.5,
            borderpad=0,
            frameon=False,
            labelspacing=0.3,
        )


def _patches(colour: str, *opacities: float) -> list[Patch]:
    """Return a patch of each opacity, on white."""
    return [Patch(facecolor=colour, alpha=opacity, lw=0) for opacity in opacities]
