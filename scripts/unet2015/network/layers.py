"""The layers of the U-Net (Ronneberger, Fischer, Brox 2015, section 2 and figure 1).

They are written down here and nowhere else. The module, the sizes that it maps, its
memory, its operations, the ONNX file and the drawing follow from this list, which
needs no torch.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, groupby
from typing import NamedTuple

KERNELS = (3, 3)
"""Sides of the convolutions of a level and path, pixels."""


class Shape(NamedTuple):
    """Size of a feature map."""

    channels: int
    height: int  # pixels
    width: int

    @property
    def pixels(self) -> int:
        """Pixels of one channel."""
        return self.height * self.width

    @property
    def values(self) -> int:
        """Pixels of all channels."""
        return self.channels * self.pixels


class Layer(NamedTuple):
    """One operation of the forward pass.

    Parameters
    ----------
    operation : str
        unshuffle (space to depth), conv, norm, relu, dropout, pool, upconv, concat
        (copy, crop and concatenate what was pooled at that level) or shuffle (depth
        to space).
    name : str
        Of the module, and so of its weights in saved models.
    level : int
        Poolings between it and the image.
    inputs, outputs : int
        Channels; of concat, `inputs` are those that are not copied.
    kernel : int
        Side of kernel, window or rearranged square, pixels; also the stride, but
        that of conv is 1.
    padding : int
        Zeros at each border, pixels.
    bias : bool
        Of conv; upconv always has one.
    probability : float
        Of dropout.
    block : str
        Layers of a block run while its input stays in memory; by default, each alone.
    """

    operation: str
    name: str
    level: int
    inputs: int
    outputs: int
    kernel: int = 1
    padding: int = 0
    bias: bool = True
    probability: float = 0.0
    block: str = ""

    @property
    def down(self) -> int:
        """Factor by which it makes the sides smaller."""
        return self.kernel if self.operation in ("unshuffle", "pool") else 1

    @property
    def up(self) -> int:
        """Factor by which it makes the sides larger."""
        return self.kernel if self.operation in ("upconv", "shuffle") else 1

    @property
    def lost(self) -> int:
        """Pixels that it takes from a side."""
        if self.operation != "conv":
            return 0
        return self.kernel - 1 - 2 * self.padding

    def output_side(self, side: int) -> int:
        """Return the side of the output for a side of the input, pixels."""
        return side // self.down * self.up - self.lost

    def input_side(self, side: int) -> int:
        """Return the smallest side of the input for a side of the output, pixels."""
        return -(-side // self.up) * self.down + self.lost

    def output(self, shape: Shape) -> Shape:
        """Return the size of the output for a size of the input."""
        return Shape(self.outputs, *map(self.output_side, shape[1:]))


Layers = tuple[Layer, ...]
"""Of a network, in the order of the data."""


class Step(NamedTuple):
    """A layer at work."""

    layer: Layer
    input: Shape
    output: Shape


def unet_layers(
    in_channels: int = 1,
    classes: int = 2,
    width: int = 64,
    depth: int = 4,
    padding: str = "valid",
    norm: str = "none",
    space_to_depth: int = 1,
    skip: str = "concat",
    dropout: float = 0.5,
    affinities: Sequence[Sequence[int]] = (),
) -> Layers:
    """Return the layers of a U-Net in the order of the data.

    Without arguments it is the network of the paper. The options change the border
    handling, the normalisation, the width, the depth, space to depth and the skip
    connections, and so also give the default preset and the ablations.

    Parameters
    ----------
    in_channels : int
        Grey-value channels of the input.
    classes : int
        Channels of the output logits of classes.
    width : int
        Channels of the first level; each level below doubles them.
    depth : int
        Number of 2 × 2 poolings.
    padding : {"valid", "same"}
        Unpadded convolutions as in the paper, or zero-padded ones that keep
        the size.
    norm : {"none", "batch"}
        Batch normalisation between convolution and ReLU, or none (paper).
    space_to_depth : int
        Space-to-depth factor before the first level; the head undoes it by a
        sub-pixel rearrangement. 1 is the paper's network.
    skip : {"concat", "none"}
        Concatenate the cropped feature map of the same level (paper), or leave
        it out.
    dropout : float
        Probability of dropout at the end of the contracting path: after the
        last level with a skip connection and after the bottom level.
    affinities : sequence of three int each
        Offsets (slices, rows, columns), pixels. The output has a channel more for
        each, behind the classes: the logit of the probability that a pixel and the
        one at + offset belong to the same cell instance.

    Raises
    ------
    ValueError
        If an option has an unknown name.

    Examples
    --------
    >>> paper = walk(unet_layers(), 572, 572)
    >>> for level in range(5):
    ...     steps = [step for step in paper if step.layer.level == level]
    ...     print(*(step.output.height for step in steps if step.layer.kernel > 1))
    570 568 284 392 390 388
    282 280 140 200 198 196
    138 136 68 104 102 100
    66 64 32 56 54 52
    30 28
    """
    _check_options(padding=padding, norm=norm, skip=skip)
    widths = [width * 2**level for level in range(depth + 1)]
    outputs = classes + len(affinities)
    first, last = in_channels * space_to_depth**2, outputs * space_to_depth**2
    convolutions = partial(_convolutions, padding=padding, norm=norm)
    return (
        Layer("unshuffle", "unshuffle", 0, in_channels, first, space_to_depth),
        *_contracting_path(first, widths, dropout, convolutions),
        *_expanding_path(widths, skip, convolutions),
        Layer("conv", "head", 0, width, last, block="head"),
        Layer("shuffle", "shuffle", 0, last, outputs, space_to_depth, block="head"),
    )


def _check_options(**options: str) -> None:
    """Refuse an unknown name of an option."""
    known = {
        "padding": ("valid", "same"),
        "norm": ("none", "batch"),
        "skip": ("concat", "none"),
    }
    for key, value in options.items():
        if value not in known[key]:
            raise ValueError(f"{key} is {value!r}, expected one of {known[key]}")


def walk(layers: Layers, height: int, width: int) -> list[Step]:
    """Follow an image through the layers.

    Parameters
    ----------
    layers : tuple of Layer
        Of :func:`unet_layers`.
    height, width : int
        Sides of the image, pixels; the network must be able to map them.

    Returns
    -------
    list of Step
        One a layer.
    """
    steps, shape = [], Shape(layers[0].inputs, height, width)
    for layer in layers:
        steps.append(Step(layer, shape, layer.output(shape)))
        shape = steps[-1].output
    return steps


def blocks(layers: Layers) -> list[Layers]:
    """Group the layers that run while the input of the first stays in memory."""
    groups = groupby(layers, key=lambda layer: layer.block or layer.name)
    return [tuple(group) for _, group in groups]


def _contracting_path(
    inputs: int, widths: list[int], dropout: float, convolutions: Callable
) -> Iterator[Layer]:
    """Give the layers from the first level to the bottom."""
    bottom = len(widths) - 1
    for level, channels in enumerate(widths):
        yield from convolutions(f"contracting.{level}", level, inputs, channels)
        inputs, same = channels, (level, channels, channels)
        if dropout and level >= bottom - 1:
            yield Layer("dropout", f"dropout.{level}", *same, probability=dropout)
        if level < bottom:
            yield Layer("pool", f"pool.{level}", *same, kernel=2)


def _expanding_path(
    widths: list[int], skip: str, convolutions: Callable
) -> Iterator[Layer]:
    """Give the layers from the bottom to the last level, without the head."""
    for level in reversed(range(len(widths) - 1)):
        inputs = channels = widths[level]
        yield Layer("upconv", f"upconv.{level}", level, 2 * channels, channels, 2)
        if skip == "concat":
            inputs = 2 * channels
            yield Layer("concat", f"concat.{level}", level, channels, inputs)
        yield from convolutions(f"expanding.{level}", level, inputs, channels)


def _convolutions(
    block: str, level: int, inputs: int, outputs: int, padding: str, norm: str
) -> Iterator[Layer]:
    """Give the convolutions of a level and path, each with what follows it."""
    number = count()
    for kernel in KERNELS:
        yield Layer(
            "conv",
            f"{block}.{next(number)}",
            level,
            inputs,
            outputs,
            kernel,
            padding=kernel // 2 if padding == "same" else 0,
            bias=norm == "none",
            block=block,
        )
        for operation in ("norm", "relu") if norm == "batch" else ("relu",):
            name = f"{block}.{next(number)}"
            yield Layer(operation, name, level, outputs, outputs, block=block)
        inputs = outputs
