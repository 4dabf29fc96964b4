"""The feature maps of a U-Net, read off a forward pass without arithmetic."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from unet2015.errors import InputError
from unet2015.network.unet import UNet


class FeatureMap(NamedTuple):
    """Size of a square feature map."""

    channels: int
    side: int  # pixels


class Level(NamedTuple):
    """The feature maps between two poolings, in the order of the data."""

    contracting: list[FeatureMap]  # the input, then the output of each convolution
    expanding: list[FeatureMap]  # likewise; none at the bottom level
    upconv: FeatureMap | None  # the part of expanding[0] that comes from below


class Architecture(NamedTuple):
    """A U-Net as it is drawn, the first level first."""

    unet: UNet  # on the meta device: sizes without values
    image: FeatureMap
    levels: list[Level]
    head: FeatureMap  # output of the 1x1 convolution
    output: FeatureMap

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(p.numel() for p in self.unet.parameters())

    @property
    def batch_norm(self) -> bool:
        """Whether a batch normalisation follows the convolutions."""
        return any(isinstance(m, nn.BatchNorm2d) for m in self.unet.modules())


class _Call(NamedTuple):
    """Input and output of one module."""

    taken: FeatureMap
    given: FeatureMap


def read_architecture(network: dict, side: int) -> Architecture:
    """Pass an image of `side` pixels through a U-Net and note every size.

    Parameters
    ----------
    network : dict
        Arguments of :class:`unet2015.network.unet.UNet`; none for the paper's network.
    side : int
        Side of the input, pixels.

    Returns
    -------
    Architecture
        What hooks on the modules saw.

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
        with torch.device("meta"):
            unet = UNet(**network).eval()
            calls = _calls(unet, torch.empty(1, _channels(network), side, side))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"this U-Net cannot be drawn for an input of {side} px: {error}; correct "
            "the side or the settings of the network"
        ) from error
    levels = [_level(unet, calls, level) for level in range(len(unet.contracting))]
    image, output = calls["unshuffle"].taken, calls["shuffle"].given
    return Architecture(unet, image, levels, calls["head"].given, output)


def _channels(network: dict) -> int:
    """Return the channels of the image, by default one grey level."""
    return network.get("in_channels", 1)


def _calls(unet: UNet, image: Tensor) -> dict[str, _Call]:
    """Run the network once; return what each module took and gave, by its name."""
    calls: dict[str, _Call] = {}
    for name, module in unet.named_modules():

        def note(_, taken, given, name=name):
            calls[name] = _Call(_size(taken[0]), _size(given))

        module.register_forward_hook(note)
    unet(image)
    return calls


def _size(x: Tensor) -> FeatureMap:
    """Return the size of a tensor of shape (1, channels, side, side)."""
    return FeatureMap(x.shape[1], x.shape[2])


def _level(unet: UNet, calls: dict[str, _Call], level: int) -> Level:
    """Gather the feature maps of one level."""
    contracting = _convolved(unet, calls, f"contracting.{level}")
    if level == len(unet.upconv):
        return Level(contracting, [], None)
    expanding = _convolved(unet, calls, f"expanding.{level}")
    return Level(contracting, expanding, calls[f"upconv.{level}"].given)


def _convolved(unet: UNet, calls: dict[str, _Call], name: str) -> list[FeatureMap]:
    """Return the input of a block and the output of each of its convolutions."""
    convolutions = [
        f"{name}.{index}"
        for index, module in unet.get_submodule(name).named_children()
        if isinstance(module, nn.Conv2d)
    ]
    return [calls[name].taken, *(calls[each].given for each in convolutions)]
