"""Floating-point operations of a U-Net: arithmetic without torch."""

from unet2015.network.layers import Layers, Step, walk

BACKWARD = 2
"""Forward passes that a backward pass takes: gradients of the maps and the weights."""


def operations(layers: Layers, height: int, width: int) -> int:
    """Return the operations of the convolutions of a forward pass.

    Parameters
    ----------
    layers, height, width
        See :func:`unet2015.network.layers.walk`.

    Returns
    -------
    int
        A multiplication and an addition count two.

    Examples
    --------
    >>> from unet2015.network.layers import unet_layers
    >>> round(operations(unet_layers(), 572, 572) / 1e9, 1)
    300.9
    """
    return sum(map(_convolution, walk(layers, height, width)))


def _convolution(step: Step) -> int:
    """Return the operations of a layer."""
    if step.layer.operation not in ("conv", "upconv"):
        return 0
    # The stride of an up-convolution is its kernel: one tap reaches each output.
    taps = step.layer.kernel**2 if step.layer.operation == "conv" else 1
    return 2 * taps * step.layer.inputs * step.output.values
