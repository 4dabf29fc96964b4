"""The U-Net (Ronneberger, Fischer, Brox 2015, section 2 and figure 1).

``UNet()`` is the network of the paper. Its options change the border handling,
the normalisation, the width, the depth, space to depth and the skip connections, and
so also give the fast preset and the ablations.
"""

import torch
from torch import Tensor, nn

from unet2015.network.sizes import Geometry


class UNet(nn.Module):
    """U-Net with unpadded or padded convolutions.

    Parameters
    ----------
    in_channels : int
        Grey-value channels of the input.
    classes : int
        Channels of the output logits.
    width : int
        Channels of the first level; each level below doubles them.
    depth : int
        Number of 2x2 poolings.
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

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> unet = UNet()
    >>> sum(p.numel() for p in unet.parameters())
    31030658
    >>> unet.geometry.output_side(572), unet.geometry.context
    (388, 92)
    """

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 2,
        width: int = 64,
        depth: int = 4,
        padding: str = "valid",
        norm: str = "none",
        space_to_depth: int = 1,
        skip: str = "concat",
        dropout: float = 0.5,
    ):
        super().__init__()
        check_options(padding=padding, norm=norm, skip=skip)
        self.geometry = Geometry(depth, padding, space_to_depth)
        self.skip = skip
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [in_channels * space_to_depth**2, *widths]
        self.contracting = nn.ModuleList(
            _double_conv(inputs[level], widths[level], padding, norm)
            for level in range(depth + 1)
        )
        self.upconv = nn.ModuleList(
            nn.ConvTranspose2d(2 * w, w, kernel_size=2, stride=2) for w in widths[:-1]
        )
        joined = 2 if skip == "concat" else 1
        self.expanding = nn.ModuleList(
            _double_conv(joined * w, w, padding, norm) for w in widths[:-1]
        )
        self.dropout = nn.Dropout(dropout)
        self.unshuffle = nn.PixelUnshuffle(space_to_depth)
        self.head = nn.Conv2d(width, classes * space_to_depth**2, kernel_size=1)
        self.shuffle = nn.PixelShuffle(space_to_depth)
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Tensor:
        """Map grey values to logits.

        Parameters
        ----------
        image : Tensor, float, shape (batch, in_channels, side, side)
            Normalised grey values; `side` may differ between height and width.

        Returns
        -------
        Tensor, float, shape (batch, classes, output_side, output_side)
            Logits. The comments give the paper's sizes.

        Raises
        ------
        ValueError
            If a side cannot be mapped; the message names the nearest that can.
        """
        for side in image.shape[-2:]:
            self.geometry.output_side(side)
        x = self.unshuffle(image)  # (B, 1, 572, 572); by 2: (B, 4, 286, 286)
        maps = []
        for level in range(self.geometry.depth):
            x = self.contracting[level](x)  # (B, 64·2^l, 568 | 280 | 136 | 64, same)
            if level == self.geometry.depth - 1:
                x = self.dropout(x)  # end of the contracting path
            maps.append(x)
            x = nn.functional.max_pool2d(x, 2)  # (B, 64·2^l, 284 | 140 | 68 | 32, same)
        x = self.dropout(self.contracting[-1](x))  # (B, 1024, 28, 28)
        for level in reversed(range(self.geometry.depth)):
            x = self.upconv[level](x)  # (B, 64·2^l, 56 | 104 | 200 | 392, same)
            x = self._join(maps[level], x)  # (B, 128·2^l, 56 | 104 | 200 | 392, same)
            x = self.expanding[level](x)  # (B, 64·2^l, 52 | 100 | 196 | 388, same)
        return self.shuffle(self.head(x))  # (B, 2, 388, 388)

    def _join(self, skipped: Tensor, x: Tensor) -> Tensor:
        """Concatenate the centre of the contracting path's feature map and x."""
        if self.skip == "none":
            return x
        return torch.cat([centre_crop(skipped, x.shape[-2:]), x], dim=1)


def centre_crop(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut the central `size` (height, width) from the last two axes of x."""
    top, left = ((n - m) // 2 for n, m in zip(x.shape[-2:], size, strict=True))
    return x[..., top : top + size[0], left : left + size[1]]


def check_options(**options: str) -> None:
    """Refuse an unknown name of an option."""
    known = {
        "padding": ("valid", "same"),
        "norm": ("none", "batch"),
        "skip": ("concat", "none"),
    }
    for key, value in options.items():
        if value not in known[key]:
            raise ValueError(f"{key} is {value!r}, expected one of {known[key]}")


def _double_conv(inputs: int, outputs: int, padding: str, norm: str) -> nn.Sequential:
    """Two 3x3 convolutions, each followed by ReLU."""
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers.append(
            nn.Conv2d(
                channels,
                outputs,
                kernel_size=3,
                padding=1 if padding == "same" else 0,
                bias=norm == "none",
            )
        )
        if norm == "batch":
            layers.append(nn.BatchNorm2d(outputs))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


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
