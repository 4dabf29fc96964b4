"""What a training asks for is above what it takes, and not far above."""

import math

import pytest
import torch
from test_memory import SCRIPTS, Alive

from unet2015.benchmarks.floor import count_operations
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.network.layers import unet_layers
from unet2015.network.sizes import Sizes
from unet2015.network.unet import UNet
from unet2015.training import resources
from unet2015.training.loss import weighted_cross_entropy

ROOT = SCRIPTS.parent
NETWORKS = [
    {"width": 8},
    {"width": 8, "dropout": 0.5, "padding": "same"},
    {"width": 8, "depth": 2, "padding": "same", "norm": "batch", "space_to_depth": 2},
    {"width": 6, "depth": 2, "skip": "none"},
    {"width": 3, "depth": 1, "in_channels": 5},
]
SGD = {"optimiser": "sgd", "weight_average": 0.0, "batch": 1, "steps": 1}


def peak_of_step(network, side, batch):
    """Take a step; return the bytes of all that was alive but weights' gradients."""
    unet = UNet(**{"dropout": 0.0, **network}).train()
    image = torch.zeros(batch, network.get("in_channels", 1), side, side)
    shape = (batch, *[unet.sizes.output_side(side)] * 2)
    labels, weights = torch.zeros(shape, dtype=torch.long), torch.ones(shape)
    with Alive() as alive:
        weighted_cross_entropy(unet(image), labels, weights).backward()
    return alive.peak - sum(p.nbytes for p in unet.parameters())


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("batch", [1, 3])
def test_bytes_of_a_step_are_a_close_bound(network, batch):
    layers = unet_layers(**{"dropout": 0.0, **network})
    sizes = Sizes.of(layers)
    side = sizes.smallest_side + 5 * sizes.step
    bound = resources.step_bytes(layers, side, batch)
    peak = peak_of_step(network, side, batch)
    assert peak <= bound <= 2.5 * peak


@pytest.mark.parametrize("network", [{}, *NETWORKS])
def test_operations_are_those_of_the_network(network):
    layers = unet_layers(**network)
    sizes = Sizes.of(layers)
    side = sizes.smallest_side + 10 * sizes.step
    shape = (1, layers[0].inputs, side, side)
    counted = count_operations(UNet(**network), shape, training=True)
    modelled = resources.step_operations(layers, side)
    # The first layer needs no gradient of its input, which the model leaves in.
    assert counted <= modelled <= 1.2 * counted


def preset(name):
    """Return network and training settings of the reference of a shipped config."""
    paths = [ROOT / f"config/{overlay}.yaml" for overlay in ("config", name)]
    config = complete(read_overlays(paths))
    chosen = config["experiments"]["unet"]
    stages = ("network", "training", "augmentation")
    return [config[stage][chosen[stage]] for stage in stages]


def test_papers_training_takes_a_gpu_hours_and_cores_days():
    network, training, augmentation = preset("paper")
    arguments = (network, training, augmentation["side"], 1)
    assert 12 < resources.minutes(*arguments, gpu=True) / 60 < 36
    assert 3 < resources.minutes(*arguments, gpu=False) / 60 / 24 < 10
    assert 3000 < resources.memory_mb(*arguments) < 8000


def test_memory_grows_with_tile_batch_width_depth_and_states():
    network = {"width": 16, "depth": 3, "dropout": 0.0, "padding": "same"}
    base = resources.memory_mb(network, SGD, 256, 1)
    adamw = {**SGD, "optimiser": "adamw", "weight_average": 0.9}
    for larger in (
        resources.memory_mb(network, SGD, 1024, 1),
        resources.memory_mb(network, {**SGD, "batch": 32}, 256, 1),
        resources.memory_mb({**network, "width": 64}, SGD, 256, 1),
        resources.memory_mb({**network, "depth": 6}, SGD, 256, 1),
    ):
        assert larger > base
    deep = {**network, "depth": 6}
    more = resources.memory_mb(deep, adamw, 256, 1)
    assert more > resources.memory_mb(deep, SGD, 256, 1)
    assert base % 100 == 0


def test_time_is_proportional_to_the_samples_beyond_the_start():
    network = {"width": 64, "depth": 4, "padding": "same"}

    def beyond_start(**changes):
        settings = {**SGD, "steps": 10_000, **changes}
        asked = resources.minutes(network, settings, 256, 1, gpu=False)
        return asked - resources.START

    once = beyond_start()
    assert once > 100
    assert math.isclose(beyond_start(batch=3), 3 * once, rel_tol=0.01)
    assert math.isclose(beyond_start(steps=30_000), 3 * once, rel_tol=0.01)
