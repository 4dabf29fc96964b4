"""A slice of 4096 x 4096 pixels is predicted within the stated memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from unet2015.data.stacks import read_probability
from unet2015.data.tiff import write_stack
from unet2015.inference.tile_choice import slice_bytes
from unet2015.network.layers import unet_layers
from unet2015.network.memory import GB, needed_bytes
from unet2015.network.model_files import save_model
from unet2015.network.unet import UNet
from unet2015.settings import defaults

pytestmark = pytest.mark.long

SCRIPTS = Path(__file__).parents[2] / "scripts"
SHAPE = (4096, 4096)
MEMORY = 0.6
PROGRAM = 100_000_000
"""Bytes of libraries that are loaded when they are first used; 75 MB of torch."""

NETWORK = {
    "width": 8,
    "depth": 3,
    "padding": "same",
    "norm": "batch",
    "space_to_depth": 2,
}
MEASURE = """
import sys
import predict
from unet2015.benchmarks.peak_memory import peak_of

print(peak_of(predict.main))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with a network, settings, and a stack of two large slices."""
    folder = tmp_path_factory.mktemp("large")
    torch.manual_seed(0)
    normalisation = {"mean": 127.0, "std": 70.0}
    unet = UNet(**NETWORK)
    save_model(unet, NETWORK, normalisation, folder / "model", folder / "card")
    settings = defaults("inference") | {
        "test_time_augmentation": "none",
        "memory": MEMORY,
    }
    settings["precision"] = "float32"
    (folder / "bounded.json").write_text(json.dumps(settings))
    (folder / "whole.json").write_text(json.dumps({**settings, "memory": 0.0}))
    (folder / "first.json").write_text(json.dumps({"score": {"slices": [0]}}))
    rng = np.random.default_rng(0)
    tiny = rng.integers(0, 256, (2, 64, 64), dtype=np.uint8)
    write_stack(folder / "volume.tif", tiny.repeat(64, axis=1).repeat(64, axis=2))
    return folder


def predicted(folder, name, *options):
    """Predict in a process of its own; return its peak bytes and the stack."""
    files = {
        "model": "model",
        "card": "card",
        "volume": "volume.tif",
        "inference": f"{name}.json",
        "output": f"{name}.tif",
    }
    arguments = [f"--{key}={folder / file}" for key, file in files.items()]
    child = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments, "--device=cpu", *options],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(child.stdout), read_probability(folder / f"{name}.tif")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_large_slices_keep_to_the_bound_and_give_the_same_probabilities(folder):
    bounded_bytes, bounded = predicted(folder, "bounded")
    assert bounded_bytes < MEMORY * GB + PROGRAM
    assert bounded.shape == (2, *SHAPE)
    # Without the bound, the same slices take more: the test can fail.
    first = f"--split={folder / 'first.json'}"
    whole_bytes, whole = predicted(folder, "whole", first)
    assert whole_bytes > MEMORY * GB + PROGRAM
    layers, beside = unet_layers(**NETWORK), slice_bytes(SHAPE, "none")
    assert whole_bytes < needed_bytes(layers, 4160, 4160, beside) + PROGRAM
    np.testing.assert_allclose(bounded[:1], whole, atol=1e-5)
