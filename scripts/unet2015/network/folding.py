"""Batch normalisations of a trained network, taken into the convolutions before."""

import copy
from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from unet2015.network.unet import UNet


def folded(unet: UNet) -> UNet:
    """Return a copy that computes the same without batch normalisations.

    Their means and deviations are fixed in a trained network, so that each is a factor
    and a summand for every channel, which the convolution's weights and bias take on.

    Parameters
    ----------
    unet : UNet
        In evaluation mode.
    """
    plain = copy.deepcopy(unet)
    for layer, following in pairwise(unet.layers):
        if following.operation == "norm":
            convolution = plain.get_submodule(layer.name)
            norm = plain.get_submodule(following.name)
            plain.set_submodule(layer.name, fuse_conv_bn_eval(convolution, norm))
            plain.set_submodule(following.name, nn.Identity())
    return plain
