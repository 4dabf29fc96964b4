"""Boxes and arrows of a drawn U-Net (paper, figure 1)."""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from unet2015.figures.style import INK, OKABE_ITO
from unet2015.figures.u_shape import Box, Placed

FILL = "#BBD9EE"
COLOURS = {
    "conv": OKABE_ITO["blue"],
    "copy": "0.55",
    "pool": OKABE_ITO["vermilion"],
    "up": OKABE_ITO["green"],
    "head": OKABE_ITO["purple"],
    "stem": OKABE_ITO["orange"],
}
"""Of the arrows, by operation."""

SMALL = 7.5
"""Points of numbers: three digits fit between two boxes."""

LIFT, SPACE = 0.08, 0.04
"""Inches of arrows above the middle, and between a box and what stands by it."""


def draw_network(axes: Axes, placed: Placed) -> None:
    """Draw the boxes with their numbers, and the arrows between them."""
    for box in placed.boxes:
        _draw_box(axes, box)
    _draw_channels(axes, placed)
    for row in (*placed.contracting, *placed.expanding):
        for pair in pairwise(row):
            _across(axes, "conv", *pair)
    for level, (upper, lower) in enumerate(pairwise(placed.contracting)):
        draw_arrow(axes, "pool", _foot(upper[-1]), _crown(lower[0]))
        joined = placed.expanding[level][0]
        source = [*placed.expanding[1:], lower][level][-1]
        draw_arrow(axes, "up", (joined.centre, source.top + SPACE), _foot(joined))
        if joined.copied:
            _across(axes, "copy", upper[-1], joined)
            _draw_crop(axes, upper[-1], joined)
    _draw_ends(axes, placed)


def _draw_ends(axes: Axes, placed: Placed) -> None:
    """Draw what stands before the first level and after the last."""
    first, last = placed.contracting[0][0], placed.head
    _across(axes, "head", placed.expanding[0][-1], last)
    if placed.image:
        _across(axes, "stem", placed.image, first)
        _across(axes, "stem", last, placed.output)
    words = {"input\nimage": placed.boxes[0], "output\nmap": placed.boxes[-1]}
    for text, box in words.items():
        x, y = _foot(box)
        axes.text(x, y, text, ha="center", va="top", fontsize=SMALL)


def _draw_box(axes: Axes, box: Box) -> None:
    """Draw a feature map, its channels above and its size at the left."""
    line = {"ec": INK, "lw": 0.6}
    place_, copied = (box.left, box.bottom), box.copied
    if copied:
        axes.add_patch(Rectangle(place_, copied, box.height, fc="white", **line))
    rest = (box.left + copied, box.bottom), box.width - copied, box.height
    axes.add_patch(Rectangle(*rest, fc=FILL, **line))
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
    draw_arrow(axes, operation, (one.right + SPACE, y), (other.left - SPACE, y))


def draw_arrow(axes: Axes, operation: str, start: tuple, end: tuple) -> None:
    """Draw an arrow in the colour of its operation."""
    head = "simple,head_length=4,head_width=5,tail_width=1.6"
    colour = {"fc": COLOURS[operation], "ec": "none"}
    still = {"shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=head, **colour, **still))
