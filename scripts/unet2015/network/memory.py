"""Memory that a U-Net takes in inference: arithmetic without torch.

The layers are walked through, adding up the tensors that are alive at once. These
bytes are exact. What a process takes beyond them was measured on the CPU (torch 2.13,
glibc) for 30 networks and tiles of widths 4 to 128 and 5 to 1800 MB, the hungriest in
8 processes each: up to 15 MB if the allocator gives every freed block back at once,
which can nearly double the time of a small tile, and ordinarily up to a tenth and
135 MB, as it keeps blocks of up to 32 MiB for reuse. That differs by 100 MB from one
process to the next. `SAFETY` and `ALLOCATOR` cover it.
"""

import math
from collections.abc import Iterator

from unet2015.network.layers import Layer, Layers, Shape, blocks

GB = 10**9
VALUE = 4
"""Bytes of a float32."""

SAFETY = 1.1
"""Factor on the modelled bytes of a forward pass."""

ALLOCATOR = 200_000_000
"""Bytes that the allocator and the convolution library keep for themselves."""


def gigabytes(count: int) -> float:
    """Return bytes in GB, rounded up to two digits."""
    return math.ceil(100 * count / GB) / 100


def parameters(layer: Layer) -> int:
    """Return the trained values of a layer."""
    channels = layer.inputs * layer.outputs
    if layer.operation in ("conv", "upconv"):
        return layer.kernel**2 * channels + layer.bias * layer.outputs
    return 2 * layer.outputs if layer.operation == "norm" else 0  # scale, shift


def weight_bytes(layers: Layers) -> int:
    """Return the bytes of all parameters and running statistics.

    Examples
    --------
    >>> from unet2015.network.layers import unet_layers
    >>> weight_bytes(unet_layers()) / VALUE
    31030658.0
    """
    values = sum(map(parameters, layers))
    statistics = sum(2 * each.outputs for each in layers if each.operation == "norm")
    return VALUE * (values + statistics)


def forward_bytes(layers: Layers, height: int, width: int) -> int:
    """Return the peak bytes of one forward pass, float32, without the weights.

    Parameters
    ----------
    layers, height, width
        See :func:`unet2015.network.layers.walk`.

    Examples
    --------
    >>> from unet2015.network.layers import unet_layers
    >>> forward_bytes(unet_layers(), 572, 572) / 1e6
    307.522624
    """
    return VALUE * max(_alive(layers, height, width))


def needed_bytes(layers: Layers, height: int, width: int, beside: int = 0) -> int:
    """Return the bytes that a prediction needs, with a margin.

    Parameters
    ----------
    layers, height, width
        See :func:`unet2015.network.layers.walk`; the sides of the largest tile.
    beside : int
        Bytes of the arrays of the size of a slice, and of further networks.

    Returns
    -------
    int
        The weights of one network count twice, as reading them takes a copy.
    """
    margin = SAFETY * forward_bytes(layers, height, width) + ALLOCATOR
    return 2 * weight_bytes(layers) + beside + round(margin)


def _alive(layers: Layers, height: int, width: int) -> Iterator[int]:
    """Give the values alive at each layer of a forward pass.

    The image and what is pooled stay until the end, the input of a block until its
    own. The ReLU writes over its input; dropout does nothing.
    """
    x = Shape(layers[0].inputs, height, width)
    kept = 0
    for block in blocks(layers):
        entered = x
        for layer in block:
            output = layer.output(x)
            within = 0 if x is entered else x.values
            made = 0 if layer.operation in ("relu", "dropout") else output.values
            yield kept + entered.values + within + made
            if layer.operation in ("unshuffle", "pool"):
                kept += x.values
            x = output
