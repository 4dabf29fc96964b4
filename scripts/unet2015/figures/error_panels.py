"""The four panels that show the errors of one slice."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from scipy import ndimage

from unet2015.data.stacks import INTERIOR
from unet2015.figures import error_kinds
from unet2015.figures.qualitative import Row
from unet2015.figures.style import OKABE_ITO, letter, show

TOO_MUCH, TOO_LITTLE = OKABE_ITO["vermilion"], OKABE_ITO["blue"]
"""Colours of false membrane, which splits, and of missing membrane, which merges."""

TRUTH, IGNORED = OKABE_ITO["yellow"], OKABE_ITO["green"]
PALE, STRONG, FAINT = 0.25, 0.65, 0.6
"""Opacities of the largest part, of the other parts, and of ignored pixels."""

STRIPE = 10
"""Pixels, width of the stripes where a split cell is merged as well."""

REACH = 9
"""Pixels between a counted pixel and the line that rings it."""


def draw_panels(panels: np.ndarray, row: Row, thresholds: dict[str, float]) -> None:
    """Fill the four panels of a slice.

    Parameters
    ----------
    panels : ndarray of Axes, shape (4,)
        For borders, regions, residual pixels and single pixels.
    row : Row
        With labels.
    thresholds : dict of str to float
        Best threshold of `v_rand`, `warping_error` and `pixel_error`.
    """
    label = row.labels > 0
    proposal = row.probability.astype(np.float64)  # the challenge compares doubles
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
    counts = (np.count_nonzero(pixels) for pixels in (left.split, left.merge))
    show(axes, base, "{} SPLIT, {} MERGE pixels".format(*counts))


def _draw_pixels(
    axes: Axes, base: np.ndarray, label: np.ndarray, proposed: np.ndarray
) -> None:
    """Colour the pixels where proposal and truth differ."""
    paint(base, label & ~proposed, TOO_MUCH, 0.9)
    paint(base, ~label & proposed, TOO_LITTLE, 0.9)
    false, missing = (100 * np.mean(m) for m in (label & ~proposed, ~label & proposed))
    show(axes, base, f"{false:.1f} % false, {missing:.1f} % missing")
