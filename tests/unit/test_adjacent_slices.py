"""Neighbouring slices as channels, from the training slices to the probabilities."""

import json

import cv2
import numpy as np
import pytest
import tifffile
import torch
from onnx_files import NORMALISATION, make_network, write_files
from training_files import call

import predict
from unet2015.data.adjacent_slices import (
    middle,
    neighbours,
    network_input,
    with_neighbours,
)
from unet2015.data.stacks import read_probability
from unet2015.inference.backends import open_model
from unet2015.inference.prediction import predict_tiled
from unet2015.inference.tiling import predict_blocks
from unet2015.inference.views import views
from unet2015.network.sizes import Sizes
from unet2015.samples.augmentation import sample
from unet2015.settings import defaults

MOVED = {
    "side": 40, "rotate": True, "flip": True, "scale": 0.2, "shift": 9, "grid": 3,
    "displacement_std": 4, "contrast": 0.2, "brightness": 20, "noise": 0,
}  # fmt: skip
OPTIONS = {
    "in_channels": 3,
    "width": 3,
    "depth": 2,
    "space_to_depth": 2,
    "padding": "same",
}


@pytest.mark.parametrize(
    ("index", "reach", "known", "expected"),
    [
        (3, 0, range(9), [3]),
        (3, 2, range(9), [1, 2, 3, 4, 5]),
        (0, 1, range(9), [1, 0, 1]),
        (8, 2, range(9), [6, 7, 8, 7, 6]),
        (6, 1, {6, 7}, [7, 6, 7]),  # slice 5 is of another part of the split
        (1, 3, range(3), [1, 1, 0, 1, 2, 1, 1]),
        (4, 2, {4}, [4, 4, 4, 4, 4]),
    ],
)
def test_slices_beyond_the_end_are_mirrored(index, reach, known, expected):
    assert neighbours(index, reach, known) == expected


def test_channels_are_the_slices_in_order():
    stack = np.random.default_rng(0).integers(0, 256, (5, 7, 9), dtype=np.uint8)
    image = with_neighbours(stack, 2, 1, range(5))
    np.testing.assert_array_equal(image, np.moveaxis(stack[1:4], 0, -1))
    np.testing.assert_array_equal(middle(image), stack[2])
    alone = with_neighbours(stack, 2, 0, range(5))
    np.testing.assert_array_equal(alone, stack[2])
    assert middle(alone) is alone


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_input_of_a_network_has_its_channels_first(shape):
    image = np.random.default_rng(0).standard_normal(shape)
    found = network_input(image)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert found.shape == (1, shape[2] if len(shape) == 3 else 1, 5, 7)
    np.testing.assert_allclose(found[0, -1], image.reshape(5, 7, -1)[..., -1], 1e-6)


@pytest.mark.parametrize("channels", [3, 7])
def test_all_channels_of_a_sample_are_moved_alike(channels):
    rng = np.random.default_rng(0)
    volume = rng.integers(0, 256, (4, 64, 50, channels), dtype=np.uint8)
    labels = rng.choice(np.array([0, 255], dtype=np.uint8), (4, 64, 50))
    for index in range(6):
        made = sample(volume, labels, 1, index, MOVED)
        assert made.image.shape == (40, 40, channels)
        for channel in range(channels):
            alone = sample(volume[..., channel], labels, 1, index, MOVED)
            np.testing.assert_array_equal(made.image[..., channel], alone.image)
            np.testing.assert_array_equal(made.labels, alone.labels)


def test_noise_of_neighbours_differs():
    volume = np.full((1, 40, 40, 3), 100, dtype=np.uint8)
    labels = np.full((1, 40, 40), 255, dtype=np.uint8)
    noisy = sample(volume, labels, 0, 0, {**MOVED, "noise": 9}).image
    assert (noisy[..., 0] != noisy[..., 1]).mean() > 0.5


@pytest.mark.parametrize("average", ["none", "symmetries", "scales", "rotations"])
@pytest.mark.parametrize("channels", [3, 7])
def test_views_turn_every_channel(smooth, average, channels):
    image = np.stack([smooth((24, 30)) + k for k in range(channels)], -1)
    image = image.astype(np.float32)
    for view in views(average, (24, 30)):
        seen = view.forward(image)
        assert seen.shape == (*view.shape, channels)
        for channel in range(channels):
            alone = view.forward(np.ascontiguousarray(image[..., channel]))
            np.testing.assert_allclose(seen[..., channel], alone, atol=1e-3)


@pytest.mark.parametrize("border", ["mirror", "zero"])
def test_tiles_see_the_neighbours(border):
    unet = make_network(**OPTIONS)
    image = np.random.default_rng(0).standard_normal((190, 170, 3), dtype=np.float32)

    def network(part):
        with torch.inference_mode():
            return unet(torch.from_numpy(network_input(part)))[0].numpy()

    found = []
    for tile in ((0, 0), (112, 112)):
        logits = np.empty((2, 190, 170), dtype=np.float32)
        for rows, columns, part in predict_blocks(
            image, unet.sizes, network, tile, border
        ):
            logits[:, rows, columns] = part
        found.append(logits)
    np.testing.assert_allclose(*found, atol=1e-5 * np.ptp(found[0]))


@pytest.fixture
def project(tmp_path, smooth):
    """Make a model of three channels, a stack, a split and settings."""
    weights, card, onnx = write_files(tmp_path, make_network(**OPTIONS), OPTIONS)
    stack = np.stack([smooth((40, 56)) + 10 * k for k in range(5)]).astype(np.uint8)
    tifffile.imwrite(tmp_path / "volume.tif", stack)
    split = {"score": {"stack": "train", "slices": [2, 3]}}
    (tmp_path / "split.json").write_text(json.dumps(split))
    settings = defaults("inference") | {
        "test_time_augmentation": "symmetries",
        "memory": 0,
    }
    settings["precision"] = "float32"
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    return stack, {"model": weights, "card": card}, onnx, settings


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["safetensors", "onnx"])
def test_program_shows_each_slice_with_its_scored_neighbours(project, tmp_path, suffix):
    stack, model, onnx, settings = project
    if suffix == "onnx":
        model["model"] = onnx
    files = {"volume": "volume.tif", "split": "split.json"}
    files |= {"inference": "settings.json", "output": "probability.tif"}
    call(predict, {**model, **{n: tmp_path / f for n, f in files.items()}})
    found = read_probability(tmp_path / "probability.tif")
    assert np.ptp(found) > 0.02
    network, layers, normalisation, *_ = open_model(
        model["model"], model["card"], "cpu", 1, "float32"
    )
    assert normalisation == NORMALISATION
    for place, slices in enumerate(([3, 2, 3], [2, 3, 2])):  # mirrored at both ends
        seen = cv2.merge([stack[index] for index in slices])
        expected = predict_tiled(
            seen, Sizes.of(layers), [network], normalisation, settings, [(0, 0)] * 8
        )
        np.testing.assert_allclose(found[place], expected, atol=1e-6)
