"""The U-Net (Ronneberger, Fischer, Brox 2015, section 2 and figure 1) as a module."""

import torch
from torch import Tensor, nn

from unet2015.network.layers import Layer, blocks, unet_layers
from unet2015.network.sizes import Sizes

FIRST = ("contracting", "upconv", "expanding")
"""Modules of these names are made before the others, each from the first level on."""


class UNet(nn.Module):
    """U-Net with unpadded or padded convolutions.

    Parameters
    ----------
    **options
        Of :func:`unet2015.network.layers.unet_layers`; none for the paper's network.

    Raises
    ------
    ValueError
        If an option has an unknown name.

    Examples
    --------
    >>> unet = UNet()
    >>> sum(p.numel() for p in unet.parameters())
    31030658
    >>> unet.sizes.output_side(572), unet.sizes.context
    (388, 92)
    """

    def __init__(self, **options):
        super().__init__()
        self.layers = unet_layers(**options)
        self.blocks = blocks(self.layers)
        self.sizes = Sizes.of(self.layers)
        for layer in sorted(self.layers, key=_order):
            if layer.operation != "concat":
                self._add(layer)
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Tensor:
        """Map grey values to logits.

        Parameters
        ----------
        image : Tensor, float, shape (batch, in_channels, side, side)
            Normalised grey values; `side` may differ between height and width.

        Returns
        -------
        Tensor, float, shape (batch, channels, output_side, output_side)
            Logits: those of the classes, then those of the affinities, if any.

        Raises
        ------
        ValueError
            If a side cannot be mapped; the message names the nearest that can.
        """
        for side in image.shape[-2:]:
            self.sizes.output_side(side)
        x, pooled = image, {}
        for block in self.blocks:
            x = self._run(block, x, pooled)
        return x

    def _run(
        self, block: tuple[Layer, ...], x: Tensor, pooled: dict[int, Tensor]
    ) -> Tensor:
        """Run the layers of a block; note by level what is pooled, to be copied."""
        for layer in block:
            if layer.operation == "concat":
                skipped = centre_crop(pooled[layer.level], x.shape[-2:])
                x = torch.cat([skipped, x], dim=1)
                continue
            if layer.operation == "pool":
                pooled[layer.level] = x
            x = self.get_submodule(layer.name)(x)
        return x

    def _add(self, layer: Layer) -> None:
        """Add the module of a layer under its name."""
        *path, last = layer.name.split(".")
        parent = self
        for name in path:
            if not hasattr(parent, name):
                parent.add_module(name, nn.Sequential())
            parent = getattr(parent, name)
        parent.add_module(last, _module(layer))


def centre_crop(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut the central `size` (height, width) from the last two axes of x."""
    top, left = ((n - m) // 2 for n, m in zip(x.shape[-2:], size, strict=True))
    return x[..., top : top + size[0], left : left + size[1]]


def _order(layer: Layer) -> tuple[int, int]:
    """Return when a module is made, and so which random numbers are its weights."""
    part = layer.name.partition(".")[0]
    if part in FIRST:
        return FIRST.index(part), layer.level
    return len(FIRST), 0


def _module(layer: Layer) -> nn.Module:
    """Return the module of a layer."""
    kernel, channels = layer.kernel, (layer.inputs, layer.outputs)
    match layer.operation:
        case "unshuffle":
            return nn.PixelUnshuffle(kernel)
        case "conv":
            border = {"padding": layer.padding, "bias": layer.bias}
            return nn.Conv2d(*channels, kernel, **border)
        case "norm":
            return nn.BatchNorm2d(layer.outputs)
        case "relu":
            return nn.ReLU(inplace=True)
        case "dropout":
            return nn.Dropout(layer.probability)
        case "pool":
            return nn.MaxPool2d(kernel)
        case "upconv":
            return nn.ConvTranspose2d(*channels, kernel, stride=kernel)
        case "shuffle":
            return nn.PixelShuffle(kernel)


def _initialise(module: nn.Module) -> None:
    """Draw weights from a Gaussian of std sqrt(2 / N), N incoming nodes (section 3)."""
    if isinstance(module, nn.Conv2d):
        incoming = module.in_channels * module.kernel_size[0] ** 2
    elif isinstance(module, nn.ConvTranspose2d):
        incoming = module.in_channels  # stride = kernel: one tap reaches each output
    else:
        return
    nn.init.normal_(module.weight, std=(2 / incoming) ** 0.5)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
