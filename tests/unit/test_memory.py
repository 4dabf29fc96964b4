"""The memory is what torch really keeps alive, counted on tensors without data."""

import json
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from unet2015.network.layers import unet_layers
from unet2015.network.memory import (
    forward_bytes,
    gigabytes,
    needed_bytes,
    weight_bytes,
)
from unet2015.network.sizes import Sizes
from unet2015.network.unet import UNet

SCRIPTS = Path(__file__).parents[2] / "scripts"
NETWORKS = [
    {},
    {"width": 16},
    {"width": 3, "depth": 1, "padding": "same"},
    {"width": 16, "padding": "same", "norm": "batch", "space_to_depth": 2},
    {"width": 8, "depth": 2, "norm": "batch", "space_to_depth": 4},
    {"width": 16, "skip": "none"},
    {"in_channels": 7, "width": 2, "padding": "same", "space_to_depth": 2},
    {"width": 5, "padding": "same", "skip": "none", "norm": "batch"},
    {"width": 6, "depth": 2, "classes": 7, "space_to_depth": 2},
]


class Alive(TorchDispatchMode):
    """Count the bytes of all results of operations that somebody still holds."""

    def __init__(self):
        super().__init__()
        self.bytes = self.peak = 0
        self.seen = set()

    def __torch_dispatch__(self, operation, types, arguments=(), keywords=None):
        results = operation(*arguments, **(keywords or {}))
        for result in results if isinstance(results, tuple) else (results,):
            if result is not None:  # a gradient that nobody asked for
                self.hold(result.untyped_storage())
        return results

    def hold(self, storage):
        key = storage._cdata
        if key not in self.seen:
            self.seen.add(key)
            self.bytes += storage.nbytes()
            self.peak = max(self.peak, self.bytes)
            weakref.finalize(storage, self.release, key, storage.nbytes())

    def release(self, key, size):
        self.seen.discard(key)
        self.bytes -= size


def counted(network, height, width):
    """Run a network on tensors without data; return the peak of what is alive."""
    with torch.device("meta"):
        unet = UNet(**network).eval()
        with Alive() as alive, torch.inference_mode():
            unet(torch.zeros(1, network.get("in_channels", 1), height, width))
    return alive.peak


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (3, 20), (31, 31)])
def test_forward_pass_keeps_alive_what_is_counted(network, rows, columns):
    layers = unet_layers(**network)
    sizes = Sizes.of(layers)
    height, width = (sizes.smallest_side + n * sizes.step for n in (rows, columns))
    assert forward_bytes(layers, height, width) == counted(network, height, width)


@pytest.mark.parametrize("network", NETWORKS)
def test_weights_are_those_of_the_network(network):
    tensors = UNet(**network).state_dict().values()
    expected = sum(t.nbytes for t in tensors if t.is_floating_point())
    assert weight_bytes(unet_layers(**network)) == expected


MEASURE = """
import json, sys
import numpy as np, torch
from unet2015.benchmarks.peak_memory import peak_of
from unet2015.network.allocator import give_back
from unet2015.network.unet import UNet
from unet2015.inference.prediction import torch_network

network, height, width = json.loads(sys.argv[1])
torch.set_num_threads(2)
unet = UNet(**network).eval().to(memory_format=torch.channels_last)
run = torch_network(unet, torch.device("cpu"), "float32")
side = unet.sizes.smallest_side
run(np.zeros((side, side), np.float32))
give_back()
tile = np.random.default_rng(0).random((height, width), dtype=np.float32)
print(peak_of(lambda: run(tile)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("network", "height", "width"),
    [
        ({"width": 64}, 700, 700),
        ({"width": 16, "padding": "same"}, 832, 832),
        (
            {"width": 64, "padding": "same", "norm": "batch", "space_to_depth": 2},
            832,
            832,
        ),
    ],
)
def test_process_keeps_to_the_margin(network, height, width):
    """Weights are there before the pass, so that they are taken off on both sides."""
    layers = unet_layers(**network)
    child = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps([network, height, width])],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    margin = needed_bytes(layers, height, width) - 2 * weight_bytes(layers)
    modelled = forward_bytes(layers, height, width)
    assert 0.9 * modelled < int(child.stdout) < margin


def test_gigabytes_are_rounded_up():
    assert [gigabytes(n) for n in (1, 10**7, 10**7 + 1)] == [0.01, 0.01, 0.02]
