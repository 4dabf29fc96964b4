"""What augmentation does to a slice, and why (paper, section 3.1)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from unet2015.data.adjacent_slices import middle
from unet2015.data.stacks import INTERIOR
from unet2015.figures.displacement import draw_displacement
from unet2015.figures.style import OKABE_ITO, WIDTH, letter, show, styled
from unet2015.samples.augmentation import random_numbers, sample, source_positions

ROWS, COLUMNS, OUTLINE = (OKABE_ITO[c] for c in ("sky blue", "yellow", "vermilion"))
CONTOUR = OKABE_ITO["orange"]
SAMPLES = 5
"""Further samples in the lower row."""


@styled
def draw_augmentation(
    volume: np.ndarray, labels: np.ndarray, seed: int, settings: dict
) -> Figure:
    """Draw how sample 0 of a stream is made, and the samples that follow.

    Parameters
    ----------
    volume : ndarray, uint8, shape (slices, height, width)
        The training slices; with neighbours there is a fourth axis, channels.
    labels : ndarray, uint8, shape (slices, height, width)
        Their labels (255 = interior, 0 = membrane).
    seed : int
        The stream of samples.
    settings : dict
        See :func:`unet2015.samples.augmentation.random_numbers`.
    """
    figure = Figure(figsize=(WIDTH, 5.3))
    upper, lower = figure.subfigures(2, 1, height_ratios=(3.35, 1.95))
    a, b, c = upper.subplots(1, 3)
    upper.subplots_adjust(left=0.003, right=0.96, bottom=0.02, top=0.92, wspace=0.04)
    drawn = random_numbers(seed, 0, labels.shape, settings)
    positions = source_positions(drawn, settings["side"])
    spacing = grid_spacing(settings["side"])
    made = sample(volume, labels, seed, 0, settings)
    _draw_slice(a, middle(volume[drawn.slice]), positions, spacing)
    _draw_sample(b, middle(made.image), positions, spacing)
    draw_displacement(c, drawn.knots, settings["side"])
    panels = lower.subplots(1, SAMPLES)
    lower.subplots_adjust(left=0.003, right=0.997, bottom=0.01, top=0.9, wspace=0.03)
    for index, axes in enumerate(panels, start=1):
        made = sample(volume, labels, seed, index, settings)
        show(axes, middle(made.image), f"sample {index}")
        _draw_contour(axes, made.labels)
    for axes in (a, b, c):
        axes.set_anchor("N")
    for axes, name in zip((a, b, c, panels[0]), "abcd", strict=True):
        letter(axes, name)
    return figure


def grid_spacing(side: int) -> int:
    """Return the power of two nearest to an eighth of a sample, in pixels."""
    return max(2, 2 ** round(np.log2(side / 8)))


def unfolded(image: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Mirror an image at its borders as far as a sample reaches.

    Parameters
    ----------
    image : ndarray, shape (height, width)
    positions : ndarray, float, shape (2, side, side)
        Rows and columns that the sample reads, px; may lie outside.

    Returns
    -------
    ndarray, shape (height + margins, width + margins)
    extent : list of int
        Margins above, below, left and right, px.
    """
    low, high = positions.min(axis=(1, 2)), positions.max(axis=(1, 2))
    last = np.array(image.shape) - 1
    before = np.maximum(0, np.ceil(-low)).astype(int)
    after = np.maximum(0, np.ceil(high - last)).astype(int)
    margins = [int(m) for pair in zip(before, after, strict=True) for m in pair]
    mirrored = np.pad(image, (margins[:2], margins[2:]), mode="reflect")
    return mirrored, margins


def _draw_slice(
    axes: Axes, image: np.ndarray, positions: np.ndarray, spacing: int
) -> None:
    """Show the slice, a regular grid and the outline of the sample."""
    height, width = image.shape
    mirrored, (above, below, left, right) = unfolded(image, positions)
    extent = (-left - 0.5, width + right - 0.5, height + below - 0.5, -above - 0.5)
    show(axes, mirrored, "training slice", extent=extent, alpha=0.45)
    show(axes, image, "training slice")
    for axis, colour, (start, stop) in (
        (axes.axhline, ROWS, (-above, height + below)),
        (axes.axvline, COLUMNS, (-left, width + right)),
    ):
        for place in range(-(-start // spacing) * spacing, stop, spacing):
            axis(place, color=colour, lw=0.8)
    up, down = positions[:, ::-1], positions
    sides = [down[:, 0], down[:, :, -1], up[:, 0, ::-1], up[:, :, 0]]
    edge = np.concatenate(sides, axis=1)
    rim = [withStroke(linewidth=3.2, foreground="white")]
    axes.plot(edge[1], edge[0], color=OUTLINE, lw=1.8, path_effects=rim)
    _mark_corner(axes, positions[1, 0, 0], positions[0, 0, 0])
    axes.set(xlim=extent[:2], ylim=extent[2:])


def _draw_sample(
    axes: Axes, image: np.ndarray, positions: np.ndarray, spacing: int
) -> None:
    """Show the sample and the slice's grid as it appears there."""
    show(axes, image, "augmented sample")
    for place, colour in zip(positions, (ROWS, COLUMNS), strict=True):
        first = np.floor(place.min() / spacing) + 1
        levels = np.arange(first, np.ceil(place.max() / spacing)) * spacing
        if len(levels):
            axes.contour(place, levels=levels, colors=colour, linewidths=0.9)
    for spine in axes.spines.values():
        spine.set(color=OUTLINE, linewidth=1.8)
    _mark_corner(axes, 0, 0)


def _mark_corner(axes: Axes, x: float, y: float) -> None:
    """Mark the sample's first pixel, which tells rotation and flip."""
    axes.plot(x, y, "o", ms=7, mfc=OUTLINE, mec="white", mew=1, clip_on=False, zorder=5)


def _draw_contour(axes: Axes, labels: np.ndarray) -> None:
    """Draw the borders between cells and membranes."""
    if labels.min() < labels.max():
        thickness = min(0.8, 300 / len(labels))  # large samples hold small cells
        level = [INTERIOR / 2]
        axes.contour(labels, levels=level, colors=CONTOUR, linewidths=thickness)
