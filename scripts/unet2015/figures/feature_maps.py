"""The feature maps of a U-Net, level by level."""

from typing import NamedTuple

from unet2015.errors import InputError
from unet2015.network.layers import Layers, Shape, Step, unet_layers, walk
from unet2015.network.memory import parameters
from unet2015.network.sizes import Sizes


class FeatureMap(NamedTuple):
    """Size of a square feature map."""

    channels: int
    side: int  # pixels

    @classmethod
    def of(cls, shape: Shape) -> "FeatureMap":
        """Return the map of a shape."""
        return cls(shape.channels, shape.height)


class Level(NamedTuple):
    """The feature maps between two poolings, in the order of the data."""

    contracting: list[FeatureMap]  # the input, then the output of each convolution
    expanding: list[FeatureMap]  # likewise; none at the bottom level
    upconv: FeatureMap | None  # the part of expanding[0] that comes from below


class Architecture(NamedTuple):
    """A U-Net as it is drawn, the first level first."""

    layers: Layers
    image: FeatureMap
    levels: list[Level]
    head: FeatureMap  # output of the 1x1 convolution
    output: FeatureMap

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(map(parameters, self.layers))

    @property
    def batch_norm(self) -> bool:
        """Whether a batch normalisation follows the convolutions."""
        return any(layer.operation == "norm" for layer in self.layers)


def read_architecture(network: dict, side: int) -> Architecture:
    """Follow an image of `side` pixels through a U-Net and note every size.

    Parameters
    ----------
    network : dict
        Arguments of :func:`unet2015.network.layers.unet_layers`; none for the paper's
        network.
    side : int
        Side of the input, pixels.

    Raises
    ------
    InputError
        If there is no such network, or if it cannot map `side`; names the
        nearest sides that it can.

    Examples
    --------
    >>> paper = read_architecture({}, 572)
    >>> paper.levels[-1].contracting[-1], paper.output
    (FeatureMap(channels=1024, side=28), FeatureMap(channels=2, side=388))
    """
    try:
        layers = unet_layers(**network)
        Sizes.of(layers).output_side(side)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"this U-Net cannot be drawn for an input of {side} px: {error}; correct "
            "the side or the settings of the network"
        ) from error
    steps = walk(layers, side, side)
    depth = max(layer.level for layer in layers)
    levels = [_level(steps, level) for level in range(depth + 1)]
    head, output = (FeatureMap.of(step.output) for step in steps[-2:])
    return Architecture(layers, FeatureMap.of(steps[0].input), levels, head, output)


def _level(steps: list[Step], level: int) -> Level:
    """Gather the feature maps of one level."""
    contracting, expanding = (
        _convolved(steps, f"{path}.{level}") for path in ("contracting", "expanding")
    )
    upconv = [s.output for s in steps if s.layer.name == f"upconv.{level}"]
    return Level(contracting, expanding, FeatureMap.of(upconv[0]) if upconv else None)


def _convolved(steps: list[Step], block: str) -> list[FeatureMap]:
    """Return the input of a block and the output of each of its convolutions."""
    within = [step for step in steps if step.layer.block == block]
    shapes = [step.input for step in within[:1]]
    shapes += [step.output for step in within if step.layer.operation == "conv"]
    return list(map(FeatureMap.of, shapes))
