"""A U-Net drawn from its layers (paper, figure 1): boxes, arrows, legend."""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from unet2015.figures.feature_maps import Architecture
from unet2015.figures.style import INK, OKABE_ITO, WIDTH, styled
from unet2015.figures.u_shape import Box, Placed, least_gap, place

MARGIN, ABOVE, BELOW = 0.3, 0.6, 0.5
"""Inches beside, above and below the boxes, for words."""

KEY_WIDTH, KEY_LINE = 2.3, 0.19
"""Inches of the legend and of a line of it."""

FILL = "#BBD9EE"
COLOURS = {
    "conv": OKABE_ITO["blue"],
    "copy": "0.55",
    "pool": OKABE_ITO["vermilion"],
    "up": OKABE_ITO["green"],
    "head": OKABE_ITO["purple"],
    "space_to_depth": OKABE_ITO["orange"],
}
"""Of the arrows, by operation."""

SMALL = 7.5
"""Points of numbers: three digits fit between two boxes."""

LIFT, SPACE = 0.08, 0.04
"""Inches of arrows above the middle, and between a box and what stands by it."""


@styled
def draw_architecture(architectures: dict[str, Architecture]) -> Figure:
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
    _draw_network(axes, placed)
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
    layers = architecture.layers
    side = {each.operation: f"{each.kernel}×{each.kernel}" for each in reversed(layers)}
    norm = "batch norm, " if architecture.batch_norm else ""
    crop = " and crop" if any(each.lost for each in layers) else ""
    words = {
        "conv": f"conv {side['conv']}, {norm}ReLU",
        "copy": f"copy{crop}",
        "pool": f"max pool {side['pool']}",
        "up": f"up-conv {side['upconv']}",
        "head": "conv 1×1",
        "space_to_depth": f"space to depth {side['unshuffle']}, and back",
    }
    absent = set() if "concat" in side else {"copy"}
    absent |= {"space_to_depth"} if layers[0].kernel == 1 else set()
    return {name: text for name, text in words.items() if name not in absent}


def _draw_key(axes: Axes, words: dict[str, str], right: float, floor: float) -> None:
    """Explain the arrows at the lower right."""
    left = right - KEY_WIDTH
    for line, (operation, text) in enumerate(reversed(words.items())):
        y = floor + (line + 0.5) * KEY_LINE
        _draw_arrow(axes, operation, (left, y), (left + 0.25, y))
        axes.text(left + 0.33, y, text, va="center", fontsize=8)


def _draw_network(axes: Axes, placed: Placed) -> None:
    """Draw the boxes with their numbers, and the arrows between them."""
    for box in placed.boxes:
        _draw_box(axes, box)
    _draw_channels(axes, placed)
    for row in (*placed.contracting, *placed.expanding):
        for pair in pairwise(row):
            _across(axes, "conv", *pair)
    for level, (upper, lower) in enumerate(pairwise(placed.contracting)):
        _draw_arrow(axes, "pool", _foot(upper[-1]), _crown(lower[0]))
        joined = placed.expanding[level][0]
        source = [*placed.expanding[1:], lower][level][-1]
        _draw_arrow(axes, "up", (joined.centre, source.top + SPACE), _foot(joined))
        if joined.copied:
            _across(axes, "copy", upper[-1], joined)
            _draw_crop(axes, upper[-1], joined)
    _draw_ends(axes, placed)


def _draw_ends(axes: Axes, placed: Placed) -> None:
    """Draw what stands before the first level and after the last."""
    first, last = placed.contracting[0][0], placed.head
    _across(axes, "head", placed.expanding[0][-1], last)
    if placed.image:
        _across(axes, "space_to_depth", placed.image, first)
        _across(axes, "space_to_depth", last, placed.output)
    words = {"input\nimage": placed.boxes[0], "output\nmap": placed.boxes[-1]}
    for text, box in words.items():
        x, y = _foot(box)
        axes.text(x, y, text, ha="center", va="top", fontsize=SMALL)


def _draw_box(axes: Axes, box: Box) -> None:
    """Draw a feature map, its channels above and its size at the left."""
    line = {"ec": INK, "lw": 0.6}
    if box.copied:
        corner = box.left, box.bottom
        axes.add_patch(Rectangle(corner, box.copied, box.height, fc="white", **line))
    corner, width = (box.left + box.copied, box.bottom), box.width - box.copied
    axes.add_patch(Rectangle(corner, width, box.height, fc=FILL, **line))
    side = f"{box.map.side}²"
    at = box.left - 1.3 * SPACE, box.bottom
    axes.text(*at, side, rotation=90, ha="right", va="bottom", fontsize=SMALL - 0.5)


def _draw_channels(axes: Axes, placed: Placed) -> None:
    """Write the channels above each box, beside the arrow where one stands there."""
    pooled = {row[0] for row in placed.contracting[1:]}
    raised = {row[-1] for row in (placed.contracting[-1], *placed.expanding[1:])}
    for box in placed.boxes:
        x, align = (box.left + box.right) / 2, "center"
        if box in pooled:
            x, align = box.centre + SPACE, "left"
        elif box in raised:
            x, align = box.left - SPACE / 2, "right"
        y = box.top + SPACE
        axes.text(x, y, str(box.map.channels), ha=align, va="bottom", fontsize=SMALL)


def _draw_crop(axes: Axes, source: Box, joined: Box) -> None:
    """Mark the part of a feature map that is copied, if it is not the whole."""
    if source.height > joined.height:
        for edge in (joined.bottom, joined.top):
            axes.plot([source.left, source.right], [edge] * 2, color=INK, lw=0.5)


def _foot(box: Box) -> tuple[float, float]:
    """Return the place of an arrow below a box."""
    return box.centre, box.bottom - SPACE


def _crown(box: Box) -> tuple[float, float]:
    """Return the place of an arrow above a box."""
    return box.centre, box.top + SPACE


def _across(axes: Axes, operation: str, one: Box, other: Box) -> None:
    """Draw an arrow from box to box of a level."""
    y = one.middle + LIFT
    _draw_arrow(axes, operation, (one.right + SPACE, y), (other.left - SPACE, y))


def _draw_arrow(axes: Axes, operation: str, start: tuple, end: tuple) -> None:
    """Draw an arrow in the colour of its operation."""
    head = "simple,head_length=4,head_width=5,tail_width=1.6"
    colour = {"fc": COLOURS[operation], "ec": "none"}
    still = {"shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=head, **colour, **still))
