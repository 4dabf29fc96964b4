"""A scale bar in round nanometres or micrometres."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from unet2015.errors import InputError


def round_length(extent: float) -> float:
    """Return the largest of 1, 2, 5 · 10^k that is at most a third of `extent`."""
    limit = extent / 3
    power = 10.0 ** np.floor(np.log10(limit))
    return next(step * power for step in (5, 2, 1) if step * power <= limit)


def draw_scale_bar(axes: Axes, shape: tuple[int, int], nm_per_pixel: float) -> None:
    """Draw a white, dark-rimmed bar with its length at the lower right.

    Parameters
    ----------
    axes : Axes
        Shows an image of `shape` (height, width) with imshow.
    shape : tuple of int
        (height, width), px.
    nm_per_pixel : float
        Side of a pixel, nm.

    Raises
    ------
    InputError
        If the side is not positive.
    """
    if not nm_per_pixel > 0:
        raise InputError(
            f"nm-per-pixel is {nm_per_pixel:g}, expected more than 0; give the side "
            "of a pixel in nanometres or leave the option out"
        )
    height, width = shape
    length = round_length(width * nm_per_pixel)
    right, y = 0.95 * width, 0.94 * height
    left = right - length / nm_per_pixel
    rim = [withStroke(linewidth=5, foreground="black")]
    axes.plot([left, right], [y, y], "w", lw=3, solid_capstyle="butt", path_effects=rim)
    words = f"{length:g} nm" if length < 1000 else f"{length / 1000:g} µm"
    rim = [withStroke(linewidth=2, foreground="black")]
    place = ((left + right) / 2, y - 0.03 * height)
    axes.text(
        *place, words, color="w", ha="center", va="bottom", fontsize=8, path_effects=rim
    )
