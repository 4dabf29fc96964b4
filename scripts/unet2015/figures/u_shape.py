"""Where the feature maps of a drawn U-Net stand (paper, figure 1), in inches."""

from typing import NamedTuple

from unet2015.figures.feature_maps import Architecture, FeatureMap, Level

TALLEST, LOWEST = 1.1, 0.36
"""Heights of the largest feature map and, in the limit, of one of no side."""

WIDEST, THINNEST = 0.2, 0.03
"""Width of the feature map of most channels, and the least width of any."""

BETWEEN_LEVELS = 0.42
DIGIT = 0.088
"""Width of a digit of a channel count, with its share of the space around."""


class Box(NamedTuple):
    """A feature map."""

    map: FeatureMap
    left: float
    bottom: float
    width: float
    height: float
    copied: float = 0  # width of the part at the left that was copied

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.bottom + self.height

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return self.bottom + self.height / 2

    @property
    def centre(self) -> float:
        """Horizontal middle of the part that was not copied."""
        return (self.left + self.copied + self.right) / 2


class Placed(NamedTuple):
    """The boxes of a U-Net; the level's first box begins where the last one ends."""

    image: Box | None  # before space to depth, if there is one
    contracting: list[list[Box]]  # one list a level
    expanding: list[list[Box]]  # without the bottom level
    head: Box
    output: Box | None  # after the sub-pixel rearrangement, if there is one

    @property
    def boxes(self) -> list[Box]:
        """All boxes, from left to right along the U."""
        rows = [*self.contracting, *self.expanding[::-1]]
        along = [self.image, *(b for row in rows for b in row), self.head, self.output]
        return [box for box in along if box]

    @property
    def right(self) -> float:
        """Right edge of all."""
        return max(box.right for box in self.boxes)


class Scale(NamedTuple):
    """How sizes become lengths."""

    most: int  # channels
    largest: int  # pixels

    @classmethod
    def of(cls, architecture: Architecture) -> "Scale":
        """Fit the scale to the widest and the largest feature map."""
        maps = [architecture.image, architecture.head, architecture.output]
        for level in architecture.levels:
            maps += [*level.contracting, *level.expanding]
        return cls(max(m.channels for m in maps), max(m.side for m in maps))

    def height(self, side: int) -> float:
        """Return the height of a feature map, proportional but for `LOWEST`."""
        return LOWEST + (TALLEST - LOWEST) * side / self.largest

    def width(self, channels: int) -> float:
        """Return the width of a feature map: the square root tells 64 from 1024."""
        return max(THINNEST, WIDEST * (channels / self.most) ** 0.5)

    def box(self, map_: FeatureMap, left: float, middle: float, copied: int = 0) -> Box:
        """Return the box of a feature map, `copied` channels of which came across."""
        part = self.width(copied) if copied else 0
        width = part + self.width(map_.channels - copied)
        height = self.height(map_.side)
        return Box(map_, left - part, middle - height / 2, width, height, part)


def least_gap(architecture: Architecture) -> float:
    """Return the distance between boxes that leaves room for their channel counts."""
    return max(0.33, DIGIT * len(str(Scale.of(architecture).most)))


def place(architecture: Architecture, gap: float) -> Placed:
    """Place every feature map of a U-Net; the input begins at 0, 0 is its top.

    Parameters
    ----------
    architecture : Architecture
        Of any depth and width.
    gap : float
        Between neighbouring boxes of a level, inches.
    """
    scale, levels = Scale.of(architecture), architecture.levels
    rows = _middles(architecture, scale)
    image = output = None
    x = 0.0
    if architecture.image != levels[0].contracting[0]:
        image = scale.box(architecture.image, x, rows[0])
        x = image.right + gap
    contracting: list[list[Box]] = []
    for level, middle in zip(levels, rows, strict=True):
        contracting.append(_row(level.contracting, x, middle, scale, gap))
        x = contracting[-1][-1].left
    expanding: list[list[Box]] = []
    for level, middle in zip(levels[-2::-1], rows[-2::-1], strict=True):
        expanding.insert(
            0, _row(level.expanding, x, middle, scale, gap, _copied(level))
        )
        x = expanding[0][-1].left
    head = scale.box(architecture.head, expanding[0][-1].right + gap, rows[0])
    if architecture.output != architecture.head:
        output = scale.box(architecture.output, head.right + gap, rows[0])
    return Placed(image, contracting, expanding, head, output)


def _copied(level: Level) -> int:
    """Return how many channels come from the contracting path."""
    return level.expanding[0].channels - level.upconv.channels


def _middles(architecture: Architecture, scale: Scale) -> list[float]:
    """Return the vertical middle of each level."""
    middles, top = [], 0.0
    for index, level in enumerate(architecture.levels):
        maps = [*level.contracting, *([architecture.image] if index == 0 else [])]
        height = scale.height(max(map_.side for map_ in maps))
        middles.append(top - height / 2)
        top -= height + BETWEEN_LEVELS
    return middles


def _row(
    maps: list[FeatureMap],
    left: float,
    middle: float,
    scale: Scale,
    gap: float,
    copied: int = 0,
) -> list[Box]:
    """Place the feature maps of one level and path from `left` on."""
    boxes = [scale.box(maps[0], left, middle, copied)]
    for map_ in maps[1:]:
        boxes.append(scale.box(map_, boxes[-1].right + gap, middle))
    return boxes
