import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

from unet2015.network.layers import unet_layers
from unet2015.network.unet import UNet, centre_crop
from unet2015.settings import defaults

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def paper():
    torch.manual_seed(0)
    return UNet().eval()


def test_paper_has_31030658_parameters(paper):
    assert sum(p.numel() for p in paper.parameters()) == 31_030_658


def test_without_arguments_it_is_the_papers_network(paper):
    """The layers one by one, from figure 1, in the order of the computation."""
    down = [
        (3, a, b) for w in (64, 128, 256, 512, 1024) for a, b in ((w // 2, w), (w, w))
    ]
    down[0] = (3, 1, 64)
    up = [
        layer
        for w in (512, 256, 128, 64)
        for layer in ((2, 2 * w, w), (3, 2 * w, w), (3, w, w))
    ]
    ran = []
    for module in paper.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(lambda m, *_: ran.append(m))
    with torch.inference_mode():
        paper(torch.zeros(1, 1, 188, 188))
    found = [(m.kernel_size[0], m.in_channels, m.out_channels) for m in ran]
    assert found == [*down, *up, (1, 64, 2)]
    assert {m.padding for m in ran} == {(0, 0)}
    assert all(m.bias is not None for m in ran)
    assert {m.stride for m in ran if isinstance(m, nn.ConvTranspose2d)} == {(2, 2)}
    assert not any(isinstance(m, nn.BatchNorm2d) for m in paper.modules())
    assert [dropout.p for dropout in paper.dropout] == [0.5, 0.5]


def test_defaults_are_those_of_the_config():
    found = {
        name: parameter.default
        for name, parameter in inspect.signature(unet_layers).parameters.items()
    }
    found["affinities"] = list(found["affinities"])  # a tuple, which nobody can change
    assert found == {"in_channels": 1, "classes": 2, **defaults("network")}


def test_weights_are_drawn_with_std_sqrt_2_over_incoming_nodes(paper):
    for module in paper.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            taps = 9 if module.kernel_size == (3, 3) else 1
            expected = (2 / (module.in_channels * taps)) ** 0.5
            count = module.weight.numel()
            # the sample std of n Gaussian numbers scatters by about 1 / sqrt(2 n)
            tolerance = 5 / (2 * count) ** 0.5
            assert module.weight.std().item() == pytest.approx(expected, rel=tolerance)
            assert not module.bias.any()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("side", "nearest"),
    [(571, "556 and 572"), (100, "188")],
)
def test_side_that_cannot_be_mapped_is_refused(side, nearest, turned):
    with torch.device("meta"):
        unet = UNet()
        image = torch.zeros(1, 1, 572, side)
    with pytest.raises(ValueError, match=rf"side of {side} px.*nearest are {nearest}$"):
        unet(image.mT if turned else image)


@pytest.mark.parametrize("option", ["padding", "norm", "skip"])
def test_unknown_option_is_refused(option):
    with pytest.raises(ValueError, match=f"{option} is 'reflect', expected one of"):
        UNet(width=1, **{option: "reflect"})


@pytest.mark.parametrize(
    ("size", "expected"), [((2, 2), (1, 1)), ((4, 4), (0, 0)), ((1, 3), (1, 0))]
)
def test_centre_crop(size, expected):
    x = torch.arange(16).reshape(1, 4, 4)
    top, left = expected
    cropped = centre_crop(x, size)
    assert cropped.shape[-2:] == size
    assert cropped[0, 0, 0] == x[0, top, left]
