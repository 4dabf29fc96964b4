"""Work that cannot be avoided: a network's operations at the machine's best rate."""

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from unet2015.benchmarks.timing import Contender

SIDE = 2048
"""Rows and columns of the matrices whose product is timed: larger than any cache."""


def count_operations(network: nn.Module, shape: tuple[int, ...], training: bool) -> int:
    """Count the floating-point operations of convolutions and matrix products.

    Of any module, while :mod:`unet2015.network.flops` knows the U-Net's layers.

    Parameters
    ----------
    network : nn.Module
        Left as it is; nothing is computed.
    shape : tuple of int
        Of the input: (batch, channels, height, width).
    training : bool
        Forward and backward pass, or forward alone.

    Returns
    -------
    int
        A multiplication and an addition count two.

    Examples
    --------
    >>> from unet2015.network.unet import UNet
    >>> with torch.device("meta"):
    ...     unet = UNet()
    >>> round(count_operations(unet, (1, 1, 572, 572), training=False) / 1e9, 1)
    300.9
    """
    twin = copy.deepcopy(network).to("meta")
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(training):
        logits = twin(torch.empty(shape, device="meta"))
        if training:
            logits.sum().backward()
    return counter.get_total_flops()


def matrix_product(
    count: float, side: int = SIDE, precision: str = "float32"
) -> Contender:
    """Return the floor of a task: its operations at the rate of a matrix product.

    Parameters
    ----------
    count : float
        Operations of one unit of the task.
    side : int
        Rows and columns of the matrices.
    precision : str
        Of their numbers, a dtype of torch.

    Returns
    -------
    Contender
        Its ratio is the fraction of that rate which ours reaches.
    """
    a, b, product = torch.ones(3, side, side, dtype=getattr(torch, precision))
    return Contender(
        f"its operations at the rate of a matrix product, {precision}",
        "floor",
        lambda: torch.mm(a, b, out=product),
        units=2 * side**3 / count,
    )
