"""Floating-point operations of a network."""

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def operations(network: nn.Module, shape: tuple[int, ...], training: bool) -> int:
    """Count the floating-point operations of convolutions and matrix products.

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
    >>> round(operations(UNet(), (1, 1, 572, 572), training=False) / 1e9, 1)
    300.9
    """
    twin = copy.deepcopy(network).to("meta")
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(training):
        logits = twin(torch.empty(shape, device="meta"))
        if training:
            logits.sum().backward()
    return counter.get_total_flops()
