"""The U-Net written out level by level: the obvious version of the list of layers."""

import torch
from torch import nn


class ReferenceUNet(nn.Module):
    """Has the weights' names, random numbers and logits that UNet must have."""

    def __init__(
        self,
        in_channels,
        classes,
        width,
        depth,
        padding,
        norm,
        space_to_depth,
        skip,
        dropout,
    ):
        super().__init__()
        self.skip, self.depth = skip, depth
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [in_channels * space_to_depth**2, *widths]
        self.contracting = nn.ModuleList(
            double_conv(inputs[level], widths[level], padding, norm)
            for level in range(depth + 1)
        )
        self.upconv = nn.ModuleList(
            nn.ConvTranspose2d(2 * w, w, kernel_size=2, stride=2) for w in widths[:-1]
        )
        joined = 2 if skip == "concat" else 1
        self.expanding = nn.ModuleList(
            double_conv(joined * w, w, padding, norm) for w in widths[:-1]
        )
        self.dropout = nn.Dropout(dropout)
        self.unshuffle = nn.PixelUnshuffle(space_to_depth)
        self.head = nn.Conv2d(width, classes * space_to_depth**2, kernel_size=1)
        self.shuffle = nn.PixelShuffle(space_to_depth)
        self.apply(initialise)

    def forward(self, image):
        """The comments give the paper's sizes."""
        x = self.unshuffle(image)  # (B, 1, 572, 572)
        maps = []
        for level in range(self.depth):
            x = self.contracting[level](x)  # (B, 64·2^l, 568 | 280 | 136 | 64, same)
            if level == self.depth - 1:
                x = self.dropout(x)
            maps.append(x)
            x = nn.functional.max_pool2d(x, 2)  # (B, 64·2^l, 284 | 140 | 68 | 32, same)
        x = self.dropout(self.contracting[-1](x))  # (B, 1024, 28, 28)
        for level in reversed(range(self.depth)):
            x = self.upconv[level](x)  # (B, 64·2^l, 56 | 104 | 200 | 392, same)
            if self.skip == "concat":
                lost = maps[level].shape[-1] - x.shape[-1]
                kept = slice(lost // 2, -(lost // 2) or None)
                x = torch.cat([maps[level][..., kept, kept], x], dim=1)  # (B, 128·2^l)
            x = self.expanding[level](x)  # (B, 64·2^l, 52 | 100 | 196 | 388, same)
        return self.shuffle(self.head(x))  # (B, 2, 388, 388)


def double_conv(inputs, outputs, padding, norm):
    layers = []
    for channels in (inputs, outputs):
        border = 1 if padding == "same" else 0
        bias = norm == "none"
        layers.append(nn.Conv2d(channels, outputs, 3, padding=border, bias=bias))
        if norm == "batch":
            layers.append(nn.BatchNorm2d(outputs))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def initialise(module):
    if not isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        return
    taps = module.kernel_size[0] ** 2 if isinstance(module, nn.Conv2d) else 1
    nn.init.normal_(module.weight, std=(2 / (taps * module.in_channels)) ** 0.5)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
