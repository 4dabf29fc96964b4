"""A U-Net drawn from the module itself (paper, figure 1)."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet2015.figures.feature_maps import Architecture
from unet2015.figures.style import WIDTH, styled
from unet2015.figures.u_shape import Placed, least_gap, place
from unet2015.figures.u_shape_marks import SPACE, draw_arrow, draw_network

MARGIN, ABOVE, BELOW = 0.3, 0.6, 0.5
"""Inches beside, above and below the boxes, for words."""

KEY_WIDTH, KEY_LINE = 2.3, 0.19
"""Inches of the legend and of a line of it."""


@styled
def draw(architectures: dict[str, Architecture]) -> Figure:
    """Draw U-Nets below each other, each with its legend.

    Parameters
    ----------
    architectures : dict of str to Architecture
        By title.
    """
    width = max(WIDTH, *(_least_width(each) for each in architectures.values()))
    panels = [
        (title, each, place(each, _gap(each, width)))
        for title, each in architectures.items()
    ]
    heights = [ABOVE - _floor(each, placed, width) for _, each, placed in panels]
    figure = Figure(figsize=(width, sum(heights)))
    top = 1.0
    for (title, each, placed), height in zip(panels, heights, strict=True):
        share = height / sum(heights)
        top -= share
        axes = figure.add_axes((0, top, 1, share))
        axes.set(xlim=(-MARGIN, width - MARGIN), ylim=(ABOVE - height, ABOVE))
        _draw_panel(axes, title, each, placed)
    return figure


def _draw_panel(
    axes: Axes, title: str, architecture: Architecture, placed: Placed
) -> None:
    """Draw one U-Net in axes whose unit is an inch."""
    axes.axis("off")
    left, right = axes.get_xlim()
    draw_network(axes, placed)
    words = f"{title}: {architecture.parameters:,} parameters"
    axes.text(left + SPACE, ABOVE - SPACE, words, va="top", fontsize=9)
    _draw_key(axes, _operations(architecture), right, axes.get_ylim()[0])


def _least_width(architecture: Architecture) -> float:
    """Return the inches that a U-Net takes with its words."""
    return place(architecture, least_gap(architecture)).right + 2 * MARGIN


def _gap(architecture: Architecture, width: float) -> float:
    """Return the distance between boxes that fills the width."""
    gap = least_gap(architecture)
    narrow, wide = (place(architecture, each).right for each in (gap, gap + 1))
    return gap + (width - 2 * MARGIN - narrow) / (wide - narrow)


def _floor(architecture: Architecture, placed: Placed, width: float) -> float:
    """Return the lower edge of a panel; the legend stands free at its right."""
    left = width - MARGIN - KEY_WIDTH
    over = [box.bottom for box in placed.boxes if box.right > left]
    key = min(over) - BELOW - KEY_LINE * len(_operations(architecture))
    return min(key, min(box.bottom for box in placed.boxes) - 2 * SPACE)


def _operations(architecture: Architecture) -> dict[str, str]:
    """Return the words for each operation of a U-Net, in the order of the data."""
    unet = architecture.unet
    norm = "batch norm, " if architecture.batch_norm else ""
    crop = "copy and crop" if unet.geometry.padding == "valid" else "copy"
    words = {
        "conv": f"conv 3×3, {norm}ReLU",
        "copy": crop,
        "pool": "max pool 2×2",
        "up": "up-conv 2×2",
        "head": "conv 1×1",
        "stem": f"space to depth {unet.geometry.stem}×{unet.geometry.stem}, and back",
    }
    absent = {"copy"} if unet.skip == "none" else set()
    absent |= {"stem"} if unet.geometry.stem == 1 else set()
    return {name: text for name, text in words.items() if name not in absent}


def _draw_key(axes: Axes, words: dict[str, str], right: float, floor: float) -> None:
    """Explain the arrows at the lower right."""
    left = right - KEY_WIDTH
    for line, (operation, text) in enumerate(reversed(words.items())):
        y = floor + (line + 0.5) * KEY_LINE
        draw_arrow(axes, operation, (left, y), (left + 0.25, y))
        axes.text(left + 0.33, y, text, va="center", fontsize=8)
