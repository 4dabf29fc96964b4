import itertools

import pytest
import torch
from torch import nn

from unet2015.geometry import Geometry
from unet2015.model import UNet, centre_crop


@pytest.fixture(scope="module")
def paper():
    torch.manual_seed(0)
    return UNet().eval()


def shapes_of(unet, side):
    """Return (channels, side) after each level, and what enters the dropout."""
    levels, dropped = [], []
    hooks = [
        block.register_forward_hook(lambda *a: levels.append(tuple(a[2].shape[1:3])))
        for block in [*unet.contracting, *unet.expanding]
    ]
    hooks.append(
        unet.dropout.register_forward_hook(lambda *a: dropped.append(a[2].shape[1]))
    )
    with torch.inference_mode():
        output = unet(torch.zeros(1, 1, side, side))
    for hook in hooks:
        hook.remove()
    return levels, dropped, tuple(output.shape)


def test_paper_has_31030658_parameters(paper):
    assert sum(p.numel() for p in paper.parameters()) == 31_030_658


def test_paper_has_23_convolutional_layers(paper):
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    assert sum(isinstance(module, kinds) for module in paper.modules()) == 23


def test_channels_and_dropout_of_the_paper(paper):
    levels, dropped, output = shapes_of(paper, 188)
    assert [c for c, _ in levels] == [64, 128, 256, 512, 1024, 512, 256, 128, 64]
    assert dropped == [512, 1024]
    assert output == (1, 2, 4, 4)


def test_sides_of_the_paper():
    levels, _, output = shapes_of(UNet(width=1), 572)
    assert [s for _, s in levels] == [568, 280, 136, 64, 28, 52, 100, 196, 388]
    assert output == (1, 2, 388, 388)


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


@pytest.mark.parametrize(
    ("depth", "stem", "padding"),
    itertools.product((1, 2, 3), (1, 2), ("valid", "same")),
)
def test_geometry_agrees_with_forward_passes(depth, stem, padding):
    unet = UNet(width=1, depth=depth, stem=stem, padding=padding).eval()
    geometry = Geometry(depth, padding, stem)
    for extra in range(3):
        height = geometry.smallest_side + extra * geometry.step
        width = geometry.smallest_side + (2 - extra) * geometry.step
        with torch.inference_mode():
            shape = unet(torch.zeros(1, 1, height, width)).shape[-2:]
        expected = geometry.output_side(height), geometry.output_side(width)
        assert tuple(shape) == expected


@pytest.mark.parametrize("side", [59, 61, 27])
def test_side_that_cannot_be_mapped_is_refused(side):
    unet = UNet(width=1, depth=2)
    with pytest.raises(ValueError, match=f"side of {side} px.*nearest"):
        unet(torch.zeros(1, 1, 60, side))


def test_without_skips_the_expanding_levels_have_half_the_inputs():
    inputs = {
        skip: [level[0].in_channels for level in UNet(width=4, skip=skip).expanding]
        for skip in ("concat", "none")
    }
    assert inputs == {"concat": [8, 16, 32, 64], "none": [4, 8, 16, 32]}


def test_skip_connections_reach_the_output():
    torch.manual_seed(0)
    image = torch.randn(1, 1, 60, 60)
    reaches = {}
    for skip in ("concat", "none"):
        unet = UNet(width=2, depth=2, skip=skip).eval()
        nn.init.zeros_(unet.upconv[0].weight)  # cuts off everything below
        with torch.inference_mode():
            logits = unet(image)[0, 0]
        reaches[skip] = bool(logits.std() > 0)
    assert reaches == {"concat": True, "none": False}


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_convolutions_have_a_bias_unless_normalised(norm):
    unet = UNet(width=2, depth=1, norm=norm)
    norms = sum(isinstance(m, nn.BatchNorm2d) for m in unet.modules())
    assert norms == (0 if norm == "none" else 6)
    assert (unet.contracting[0][0].bias is None) == (norm == "batch")


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
