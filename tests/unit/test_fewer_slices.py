"""Samples come from as many training slices as the settings say."""

import argparse
import json

import numpy as np
import pytest

import augment
from unet2015.data.tiff import write_stack
from unet2015.samples.training_sources import add_arguments, open_source
from unet2015.settings import defaults

SETTINGS = defaults("augmentation") | {
    "samples": 12, "slices": 2, "side": 16, "rotate": False, "flip": False,
    "scale": 0, "shift": 0, "grid": 3, "displacement_std": 0, "contrast": 0,
    "brightness": 0, "noise": 0
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """Six slices of one grey level each, a split that trains on all, settings."""
    labels = np.full((6, 32, 32), 255, dtype=np.uint8)
    labels[:, 15:17] = 0
    levels = np.arange(6, dtype=np.uint8)[:, None, None] * 10 + 5
    write_stack(tmp_path / "volume.tif", np.broadcast_to(levels, labels.shape).copy())
    write_stack(tmp_path / "labels.tif", labels)
    split = {"train": {"slices": [0, 1, 2, 3, 4, 5]}}
    (tmp_path / "split.json").write_text(json.dumps(split))
    (tmp_path / "settings.json").write_text(json.dumps(SETTINGS))
    weights = {"w0": 10, "sigma": 5, "class_balance": False}
    (tmp_path / "weights.json").write_text(json.dumps(weights))
    return tmp_path


def test_stored_samples_come_from_the_chosen_slices(files):
    options = {"volume": "volume.tif", "labels": "labels.tif", "split": "split.json"}
    options |= {"augmentation": "settings.json", "sample-images": "images.npy"}
    options |= {"sample-labels": "truth.npy"}
    command = [f"--{name}={files / file}" for name, file in options.items()]
    augment.main(command)
    found = np.unique(np.load(files / "images.npy"))
    assert found.tolist() == [15, 45]  # slices 1 and 4


def test_drawn_samples_come_from_the_chosen_slices(files):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = {"volume": "volume.tif", "labels": "labels.tif", "split": "split.json"}
    options |= {"augmentation": "settings.json", "weights": "weights.json"}
    args = parser.parse_args([f"--{name}={files / f}" for name, f in options.items()])
    args.seed = 0
    samples = open_source(args, interior=0.5)
    found = np.unique([samples[index].image for index in range(len(samples))])
    assert found.tolist() == [15, 45]
