"""The displacement field of one sample: a panel of the augmentation figure."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from unet2015.figures.style import show
from unet2015.samples.deformation import displacement

ARROW = {
    "arrowstyle": "simple,head_length=6,head_width=6,tail_width=1.8",
    "fc": "white",
    "ec": "black",
    "lw": 0.7,
    "shrinkA": 0,
    "shrinkB": 0,
    "zorder": 3,
}


def draw_displacement(axes: Axes, knots: np.ndarray, side: int) -> None:
    """Show the length of the displacement and its arrows at the knots.

    Parameters
    ----------
    axes : Axes
        Empty.
    knots : ndarray, float, shape (2, grid, grid)
        Vertical and horizontal displacement in pixels at the knots.
    side : int
        Pixels along a side of the sample.
    """
    length = np.hypot(*displacement(knots, side))
    longest = max(1, float(length.max()))
    shown = show(axes, length, cmap="cividis", vmin=0, vmax=longest)
    stretch = _draw_arrows(axes, knots, side)
    title = f"displacement in pixels (arrows × {stretch})"
    axes.set_title(title if knots.any() else "no displacement")
    bar = axes.inset_axes([0.97, 0.13, 0.045, 0.74])
    axes.figure.colorbar(shown, cax=bar)


def _draw_arrows(axes: Axes, knots: np.ndarray, side: int) -> int:
    """Draw the displacement at the knots, magnified; return the magnification."""
    places = np.linspace(0, side - 1, knots.shape[-1])
    feet = np.stack(np.meshgrid(places, places, indexing="ij"))
    margin = 0.2 * side  # the outer knots lie on the border
    stretch = magnification(feet, knots, -margin, side + margin)
    tips = feet + stretch * knots
    for foot, tip in zip(feet.reshape(2, -1).T, tips.reshape(2, -1).T, strict=True):
        if (foot != tip).any():
            axes.add_patch(FancyArrowPatch(foot[::-1], tip[::-1], **ARROW))
    axes.plot(*feet[::-1].reshape(2, -1), "o", color="w", ms=4.5, mec="k", mew=0.8)
    axes.set(xlim=(-margin, side + margin), ylim=(side + margin, -margin))
    axes.set_frame_on(False)
    return stretch


def magnification(
    feet: np.ndarray, vectors: np.ndarray, low: float, high: float
) -> int:
    """Return the largest of 1..10 that keeps arrows in low..high, 1 if none does.

    Parameters
    ----------
    feet, vectors : ndarray, float, shape (2, grid, grid)
        Where arrows begin and how long they are, pixels.
    low, high : float
        Bounds of both coordinates of their tips, pixels.
    """
    for stretch in range(10, 1, -1):
        tips = feet + stretch * vectors
        if low <= tips.min() and tips.max() <= high:
            return stretch
    return 1
