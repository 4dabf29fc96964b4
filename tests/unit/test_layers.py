"""One list of layers: the module is the U-Net written out, and all else follows it."""

import itertools
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import onnxruntime
import pytest
import torch
from matplotlib.colors import to_rgba
from onnx_files import make_network
from reference_unet import ReferenceUNet
from test_memory import SCRIPTS, counted
from test_resources import peak_of_step
from test_tiling import difference, joined, whole_pass
from torch import nn

from unet2015.benchmarks.floor import count_operations
from unet2015.figures.architecture import COLOURS, draw_architecture
from unet2015.figures.feature_maps import read_architecture
from unet2015.inference.onnx_export import OUTPUT, onnx_model
from unet2015.inference.prediction import torch_network
from unet2015.network import layers
from unet2015.network.flops import operations
from unet2015.network.layers import unet_layers, walk
from unet2015.network.memory import forward_bytes, weight_bytes
from unet2015.network.sizes import Sizes
from unet2015.network.unet import UNet
from unet2015.training.resources import step_bytes

PAPER = {
    "in_channels": 1,
    "classes": 2,
    "width": 64,
    "depth": 4,
    "padding": "valid",
    "norm": "none",
    "space_to_depth": 1,
    "skip": "concat",
    "dropout": 0.5,
}
SMALL = {**PAPER, "width": 3, "depth": 2}
EVERY = [
    {
        **SMALL,
        "padding": padding,
        "norm": norm,
        "space_to_depth": space_to_depth,
        "skip": skip,
    }
    for padding, norm, space_to_depth, skip in itertools.product(
        ("valid", "same"), ("none", "batch"), (1, 2), ("concat", "none")
    )
]
OTHERS = [
    {**SMALL, "depth": 5, "dropout": 0.2},
    {**SMALL, "dropout": 0.0, "in_channels": 3, "classes": 5, "space_to_depth": 4},
    {**SMALL, "depth": 1, "width": 8},
]


def seeded(kind, options):
    torch.manual_seed(7)
    return kind(**options)


@pytest.mark.slow
@pytest.mark.parametrize("options", [PAPER, *EVERY, *OTHERS])
def test_seeds_give_the_weights_of_the_network_written_out(options):
    unet, reference = (seeded(kind, options) for kind in (UNet, ReferenceUNet))
    after = torch.rand(1)
    weights, expected = unet.state_dict(), reference.state_dict()
    assert list(weights) == list(expected)
    assert all(torch.equal(weights[name], expected[name]) for name in weights)
    seeded(UNet, options)
    assert torch.rand(1) == after


@pytest.mark.slow
@pytest.mark.parametrize("options", [*EVERY, *OTHERS])
def test_a_step_is_that_of_the_network_written_out(options):
    found = []
    for kind in (UNet, ReferenceUNet):
        network = seeded(kind, options)
        sizes = Sizes.of(unet_layers(**options))
        side = sizes.smallest_side + sizes.step
        torch.manual_seed(8)
        logits = network(torch.randn(2, options["in_channels"], side, side))
        logits.square().mean().backward()
        found.append([logits, *(p.grad for p in network.parameters())])
    assert all(map(torch.equal, *found))


@pytest.mark.parametrize("options", [*EVERY, *OTHERS])
def test_walk_meets_the_sizes_of_a_forward_pass(options):
    unet = UNet(**options).eval()
    met = []
    for layer in unet.layers:
        if layer.operation != "concat":
            unet.get_submodule(layer.name).register_forward_hook(
                lambda _, taken, given: met.append((taken[0].shape, given.shape))
            )
    height = unet.sizes.smallest_side
    width = height + unet.sizes.step
    with torch.inference_mode():
        unet(torch.zeros(1, options["in_channels"], height, width))
    expected = [
        ((1, *taken), (1, *given))
        for layer, taken, given in walk(unet.layers, height, width)
        if layer.operation != "concat"
    ]
    assert met == expected


@pytest.mark.parametrize("options", [PAPER, *EVERY, *OTHERS])
def test_an_affinity_is_a_channel_more(options):
    offsets = [[0, 0, 1], [0, 1, 0], [0, 9, -4]]
    more = {**options, "classes": options["classes"] + len(offsets)}
    assert unet_layers(**options, affinities=offsets) == unet_layers(**more)


def test_what_the_workflow_reads_needs_no_torch():
    program = (
        "import sys\n"
        "import unet2015.training.resources, unet2015.config.validation\n"
        "assert 'unet2015.network.layers' in sys.modules\n"
        "assert 'torch' not in sys.modules\n"
    )
    path = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    subprocess.run([sys.executable, "-c", program], env=path, check=True)


# One edit in the list of layers; what follows from it must not need another.
EDITS = {
    "a third convolution": (3, 3, 3),
    "a larger kernel": (5, 3),
}


@pytest.fixture(params=EDITS)
def kernels(request, monkeypatch):
    monkeypatch.setattr(layers, "KERNELS", EDITS[request.param])
    return EDITS[request.param]


@pytest.fixture(params=["valid", "same"])
def options(request):
    return {"width": 4, "depth": 2, "padding": request.param, "norm": "batch"}


def test_edit_reaches_module_and_sizes(kernels, options):
    unet = UNet(**options).eval()
    found = [m.kernel_size[0] for m in unet.modules() if isinstance(m, nn.Conv2d)]
    assert found == [*5 * kernels, 1]
    for side in range(1, unet.sizes.smallest_side + 2 * unet.sizes.step):
        try:
            expected = unet.sizes.output_side(side)
        except ValueError:
            continue
        with torch.inference_mode():
            assert unet(torch.zeros(1, 1, side, side)).shape[-1] == expected > 0
    with pytest.raises(ValueError, match="cannot map a side"):
        unet.sizes.output_side(unet.sizes.smallest_side - unet.sizes.step)


def test_edit_reaches_memory_and_operations(kernels, options):
    unet = UNet(**options)
    side = unet.sizes.smallest_side + 8 * unet.sizes.step
    tensors = unet.state_dict().values()
    expected = sum(t.nbytes for t in tensors if t.is_floating_point())
    assert weight_bytes(unet.layers) == expected
    assert forward_bytes(unet.layers, side, side) == counted(options, side, side)
    forward = count_operations(unet, (1, 1, side, side), training=False)
    assert operations(unet.layers, side, side) == forward
    without = unet_layers(**options, dropout=0.0)
    assert peak_of_step(options, side, 2) <= step_bytes(without, side, 2)


@pytest.mark.slow
def test_edit_reaches_tiles(kernels, options):
    unet = make_network(**options).to(memory_format=torch.channels_last)
    image = np.random.default_rng(0).standard_normal((60, 41), dtype=np.float32)
    network = torch_network(unet, torch.device("cpu"), "float32")
    tile = unet.sizes.least_tile()
    tiled = joined(image, unet.sizes, network, (tile, tile + unet.sizes.step))
    assert difference(tiled, whole_pass(image, unet.sizes, network)) < 1e-5


def test_edit_reaches_the_onnx_file(kernels, options):
    unet = make_network(**options)
    side = unet.sizes.smallest_side + unet.sizes.step
    grey = torch.randn(1, 1, side, side)
    session = onnxruntime.InferenceSession(onnx_model(unet).SerializeToString())
    (logits,) = session.run([OUTPUT], {"grey": grey.numpy()})
    with torch.inference_mode():
        expected = unet(grey).numpy()
    assert difference(logits, expected) < 1e-5


def test_edit_reaches_the_figure(kernels, options):
    unet = UNet(**options)
    architecture = read_architecture(options, unet.sizes.smallest_side)
    assert architecture.parameters == sum(p.numel() for p in unet.parameters())
    axes = draw_architecture({"edited": architecture}).axes[0]
    colours = Counter(patch.get_facecolor() for patch in axes.patches)
    assert colours[to_rgba(COLOURS["conv"])] == 5 * len(kernels) + 1  # in the legend
    texts = {text.get_text() for text in axes.texts}
    assert f"conv {kernels[0]}×{kernels[0]}, batch norm, ReLU" in texts
