"""Sizes of networks by what they depend on."""

from unet2015.network.layers import unet_layers
from unet2015.network.sizes import Sizes


def sizes_of(depth, padding, space_to_depth):
    """Return the sizes that a network maps."""
    return Sizes.of(
        unet_layers(depth=depth, padding=padding, space_to_depth=space_to_depth)
    )
