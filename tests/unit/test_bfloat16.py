"""Each kind of layer in bfloat16 beside float32, in the shapes of the presets.

bfloat16 has 8 bits of mantissa: rounding inputs and outputs changes a value by up to
2^-9 of its size, or about 2^-9 of the norm of a layer's output, which is a sum that is
accumulated in float32. Wrong results of some shapes were reported of some versions of
the libraries below torch; such errors are of the size of the output itself.
"""

import pytest
import torch
from native import native_bfloat16
from torch import nn

from unet2015.network.device import autocast
from unet2015.network.unet import UNet

pytestmark = native_bfloat16

CPU = torch.device("cpu")
ROUNDING = 2**-8
"""Twice that of one value: inputs, weights and outputs are rounded."""

LAYERS = {
    "first 3x3 of the default": (lambda: nn.Conv2d(12, 32, 3, padding=1), 12, 128),
    "3x3, padded, top": (lambda: nn.Conv2d(32, 32, 3, padding=1), 32, 128),
    "3x3, padded, joined": (lambda: nn.Conv2d(256, 128, 3, padding=1), 256, 32),
    "3x3, padded, bottom": (lambda: nn.Conv2d(256, 256, 3, padding=1), 256, 16),
    "2x2 up-convolution, bottom": (lambda: nn.ConvTranspose2d(256, 128, 2, 2), 256, 16),
    "2x2 up-convolution, top": (lambda: nn.ConvTranspose2d(64, 32, 2, 2), 64, 64),
    "head of the default": (lambda: nn.Conv2d(32, 8, 1), 32, 128),
    "batch normalisation": (lambda: nn.BatchNorm2d(32), 32, 128),
    "first 3x3 of the paper": (lambda: nn.Conv2d(1, 64, 3), 1, 132),
    "3x3 of the paper": (lambda: nn.Conv2d(64, 64, 3), 64, 94),
    "3x3 of the paper, odd": (lambda: nn.Conv2d(128, 256, 3), 128, 37),
    "3x3 of the paper, bottom": (lambda: nn.Conv2d(512, 1024, 3), 512, 12),
    "2x2 up-convolution of the paper": (
        lambda: nn.ConvTranspose2d(1024, 512, 2, 2),
        1024,
        8,
    ),
    "head of the paper": (lambda: nn.Conv2d(64, 2, 1), 64, 100),
}


def passed(layer, image, precision):
    """Return output, gradient of the input and of each weight, as float32."""
    image = image.clone().requires_grad_()
    layer.zero_grad(set_to_none=True)
    with autocast(CPU, precision):
        output = layer(image)
    generator = torch.Generator().manual_seed(1)
    output.backward(torch.randn(output.shape, generator=generator).to(output.dtype))
    gradients = [p.grad.clone() for p in layer.parameters()]
    return [part.float() for part in (output.detach(), image.grad, *gradients)]


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("last", [True, False])
def test_layer_differs_by_its_rounding_alone(name, last):
    make, channels, side = LAYERS[name]
    torch.manual_seed(0)
    form = torch.channels_last if last else torch.contiguous_format
    layer = make().to(memory_format=form)
    image = torch.randn(2, channels, side, side).contiguous(memory_format=form)
    exact, rounded = (passed(layer, image, p) for p in ("float32", "bfloat16"))
    for one, other in zip(exact, rounded, strict=True):
        assert (one - other).norm() < ROUNDING * one.norm()


PRESETS = {
    "default": ({"in_channels": 3, "width": 32, "depth": 3, "padding": "same",
                 "norm": "batch", "space_to_depth": 2, "dropout": 0}, 128),
    "paper": ({"width": 16, "dropout": 0}, 252),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_network_differs_by_the_rounding_of_its_layers(name):
    options, side = PRESETS[name]
    torch.manual_seed(0)
    unet = UNet(**options).to(memory_format=torch.channels_last)
    image = torch.randn(2, options.get("in_channels", 1), side, side)
    exact, rounded = (passed(unet, image, p) for p in ("float32", "bfloat16"))
    convolutions = sum(layer.operation == "conv" for layer in unet.layers)
    assert (exact[0] - rounded[0]).norm() < convolutions * ROUNDING * exact[0].norm()
    assert (exact[0] - rounded[0]).norm() > 0
