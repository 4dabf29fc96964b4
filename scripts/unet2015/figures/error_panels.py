"""Where a segmentation errs: splits, merges and the pixels that count."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure, SubFigure
from scipy import ndimage

from unet2015.data.stacks import INTERIOR
from unet2015.figures import error_kinds
from unet2015.figures.headed_rows import explain, headed_rows, note
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.slice_choice import RankedSlice, ShownSlice
from unet2015.figures.style import OKABE_ITO, letter, show, styled
from unet2015.metrics.challenge import ERRORS
from unet2015.metrics.checks import interior_pair

TOO_MUCH, TOO_LITTLE = OKABE_ITO["vermilion"], OKABE_ITO["blue"]
"""Colours of false membrane, which splits, and of missing membrane, which merges."""

TRUTH, IGNORED = OKABE_ITO["yellow"], OKABE_ITO["green"]
PALE, STRONG, FAINT = 0.25, 0.65, 0.6
"""Opacities of the largest part, of the other parts, and of ignored pixels."""

REGION_KEYS = [
    ((TOO_MUCH, PALE, STRONG), "split cell: main piece, others"),
    ((TOO_LITTLE, PALE, STRONG), "merging region: main cell, others"),
]
"""What the colours of `draw_regions` mean."""

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
    headlines = [_headline(score, thresholds) for score in shown]
    figure, panels, foot = headed_rows(rows[0].image.shape, headlines, 0.65)
    for axes, row in zip(panels, rows, strict=True):
        _draw_panels(axes, row, thresholds)
    if nm_per_pixel is not None:
        draw_scale_bar(panels[0][0], rows[0].image.shape, nm_per_pixel)
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
    faults = error_kinds.region_errors(label, proposal, thresholds["v_rand"])
    draw_regions(panels[1], row.image, faults)
    left = error_kinds.residual_pixels(label, proposal, thresholds["warping_error"])
    _draw_residuals(panels[2], paled(row.image), left)
    _draw_pixels(
        panels[3], paled(row.image), label, proposal > thresholds["pixel_error"]
    )
    for axes, name in zip(panels, "abcd", strict=True):
        letter(axes, name)


def paled(image: np.ndarray) -> np.ndarray:
    """Return an image paler, so that dark and bright colours stand out on it.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)

    Returns
    -------
    ndarray, float64, shape (height, width, 3)
        Red, green, blue, 0.45..1.
    """
    return 0.45 + 0.55 * np.repeat(image[..., np.newaxis] / 255, 3, axis=2)


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


def draw_regions(
    axes: Axes, image: np.ndarray, faults: error_kinds.RegionErrors
) -> None:
    """Tint split cells and merging regions, with the borders to blame.

    Parameters
    ----------
    axes : Axes
        Empty.
    image : ndarray, uint8, shape (height, width)
        Shown pale below them.
    faults : RegionErrors
        Of this slice.
    """
    base = paled(image)
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
        [((TRUTH, 1), "true border")],
        REGION_KEYS,
        [
            ((TOO_MUCH, 1), "SPLIT pixel, ringed"),
            ((TOO_LITTLE, 1), "MERGE pixel, ringed"),
            ((IGNORED, FAINT), "does not count"),
        ],
        [((TOO_MUCH, 1), "false membrane"), ((TOO_LITTLE, 1), "missing membrane")],
    )
    note(foot, 0, 0.42, "t: best threshold of all scored slices")
    for column, entries in enumerate(keys):
        explain(foot, column, entries)
