"""Each program of the benchmark, from files to its table, on tiny networks."""

import json

import numpy as np
import pytest
import torch

import benchmark_augmentation
import benchmark_inference
import benchmark_tiling
import benchmark_training_step
import benchmark_weight_map
from unet2015.benchmarks import naive_weight_map
from unet2015.benchmarks.peak_memory import can_measure
from unet2015.benchmarks.timing_files import read_timings
from unet2015.data.tiff import write_stack
from unet2015.network.device import native_precisions
from unet2015.network.unet import UNet
from unet2015.samples.augmentation import random_numbers, sample
from unet2015.settings import defaults
from unet2015.training.loss import weighted_cross_entropy

PRECISIONS = native_precisions(torch.device("cpu"))
AUGMENTATION = defaults("augmentation") | {
    "flip": True,
    "scale": 0.1,
    "shift": 5,
    "displacement_std": 3,
    "contrast": 0.1,
    "brightness": 10,
    "noise": 4,
}
NETWORK = defaults("network") | {
    "width": 4,
    "depth": 2,
    "padding": "same",
    "norm": "batch",
    "space_to_depth": 2,
}
TRAINING = defaults("training") | {
    "optimiser": "adamw",
    "weight_average": 0.9,
    "batch": 2,
    "max_grad_norm": 1,
}


@pytest.fixture
def files(tmp_path):
    """Cells on a grid, an image of them, and settings."""
    labels = np.full((2, 48, 48), 255, np.uint8)
    labels[:, ::12] = labels[:, :, ::12] = 0
    noise = np.random.default_rng(0).integers(0, 40, labels.shape, np.uint8)
    write_stack(tmp_path / "labels.tif", labels)
    write_stack(tmp_path / "volume.tif", labels // 2 + noise)
    for name, settings in {
        "augmentation": {**AUGMENTATION, "side": 32},
        "weights": defaults("weights"),
        "network": NETWORK,
        "training": TRAINING,
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(settings))
    return tmp_path


@pytest.fixture
def run(files):
    """Run a program without peers; return its table."""

    def run(program, *words, **paths):
        for name, path in paths.items():
            words += (f"--{name}", files / path)
        words += ("--repeats", 1, "--threads", 1, "--csv", files / "times.csv")
        program.main([*map(str, words)])
        return read_timings(files / "times.csv")

    return run


def roles(table):
    return [list(rows["role"]) for _, rows in table.groupby("what", sort=False)]


def test_weight_map(run):
    table = run(benchmark_weight_map, labels="labels.tif")
    tasks = 2 if can_measure() else 1
    assert roles(table) == [["ours", "peer", "peer", "floor"]] * tasks
    assert list(table["unit"].unique()) == ["s per slice", "MiB per slice"][:tasks]
    assert (table[table["unit"] == "s per slice"]["median"] > 0).all()


def test_every_recipe_makes_the_same_weight_map():
    instances = np.zeros((70, 60), np.int32)
    for number, (top, left) in enumerate(np.ndindex(5, 4), start=1):
        instances[14 * top + 2 : 14 * top + 11, 15 * left + 3 : 15 * left + 13] = number
    instances[2:5, 3:13] = 0
    expected = naive_weight_map.weight_map(instances, (1.0, 1.0), 10.0, 5.0)
    for recipe in benchmark_weight_map.recipes()[:3]:
        np.testing.assert_allclose(recipe.compute(instances), expected, atol=1e-5)


def test_augmentation(run):
    table = run(
        benchmark_augmentation,
        "--no-peers",
        volume="volume.tif",
        labels="labels.tif",
        augmentation="augmentation.json",
        weights="weights.json",
    )
    assert roles(table) == [["ours", "peer", "peer", "floor"], *[["ours", "floor"]] * 2]
    assert table["what"].str.endswith("48 x 48 px").all()


def test_every_warp_takes_the_same_way():
    rows, columns = np.mgrid[:64, :64]
    image = (127 + 60 * np.sin(rows / 9) + 60 * np.cos(columns / 7)).astype(np.uint8)
    labels = np.where(image > 127, 255, 0).astype(np.uint8)
    settings = {**AUGMENTATION, "side": 64}
    drawn = random_numbers(0, 0, (1, 64, 64), settings)
    expected = benchmark_augmentation.ours(image, labels, drawn, 64)
    for warp in (benchmark_augmentation.with_scipy, benchmark_augmentation.with_torch):
        found = [
            np.squeeze(np.asarray(part)) for part in warp(image, labels, drawn, 64)
        ]
        # Borders are mirrored in slightly different ways, and splines differ.
        errors = np.abs(found[0].astype(float) - expected[0])
        assert np.median(errors) <= 1.5
        assert np.mean(found[1] == expected[1]) > 0.95


def test_our_warp_is_that_of_a_sample():
    rng = np.random.default_rng(0)
    volume = rng.integers(0, 255, (1, 40, 40), np.uint8)
    labels = np.where(volume > 99, 255, 0).astype(np.uint8)
    plain = {**AUGMENTATION, "side": 40, "contrast": 0, "brightness": 0, "noise": 0}
    expected = sample(volume, labels, 0, 0, plain)
    drawn = random_numbers(0, 0, volume.shape, plain)
    found = benchmark_augmentation.ours(volume[0], labels[0], drawn, 40)
    np.testing.assert_array_equal(found[0], expected.image)
    np.testing.assert_array_equal(found[1], expected.labels)


@pytest.mark.slow
def test_training_step(run):
    table = run(
        benchmark_training_step,
        *("--no-peers", "--width", 2, "--side", 188, "--matrix", 32),
        network="network.json",
        training="training.json",
        augmentation="augmentation.json",
    )
    paper, chosen = ["ours", "peer", "floor"], ["ours", "floor"]
    count = len(PRECISIONS)
    assert roles(table) == [paper] * count + [chosen] * count
    assert list(table["unit"].unique()) == ["s per TFLOP", "s per step"]
    for precision in PRECISIONS:
        what = f"network network, width 4, batch 2 of 32 px, {precision}"
        same = table[table["what"] == what]
        assert precision in same["implementation"].iloc[-1]  # the matrix product


def test_plain_step_is_that_of_the_trainer(tmp_path, monkeypatch):
    program, made = benchmark_training_step, []
    settings = {**TRAINING, "weight_average": 0, "max_grad_norm": 0, "optimiser": "sgd"}
    task = program.Task({"width": 2, "dropout": 0}, settings, 188).at("float32")
    batch = task.batch(188)

    def seeded(**options):
        torch.manual_seed(0)
        made.append(UNet(**options))
        return made[-1]

    monkeypatch.setattr(program, "UNet", seeded)
    loss = weighted_cross_entropy
    steps = [
        program.our_step(task, batch, tmp_path),
        program.plain_step(seeded(**task.network), task, batch, loss),
    ]
    for step in steps:
        step()
        step()
    ours, plain = (unet.state_dict() for unet in made)
    start = seeded(**task.network).state_dict()
    for name, value in ours.items():
        assert not torch.equal(value, start[name])
        torch.testing.assert_close(value, plain[name], rtol=1e-3, atol=1e-5)


def test_inference(run):
    table = run(
        benchmark_inference,
        *("--no-peers", "--width", 2, "--matrix", 32),
        volume="volume.tif",
    )
    assert roles(table)[0] == ["ours", "ours", "peer", "floor"]
    assert roles(table)[1:] == [["ours", "floor"]] * (len(PRECISIONS) - 1)
    assert "48 x 48 px (236 x 236 with its context" in table["what"][0]
    assert table["implementation"].str.contains("onnxruntime").sum() == 1


def test_canvas_is_what_one_pass_sees():
    grey = np.random.default_rng(0).random((30, 41), np.float32)
    seen, sizes = [], UNet(width=2).sizes

    def network(image):
        seen.append(image)
        return np.zeros((2, *(side - sizes.shrinkage for side in image.shape)))

    list(benchmark_tiling.predict_blocks(grey, sizes, network))
    np.testing.assert_array_equal(benchmark_tiling.on_canvas(grey, sizes), seen[0])


def test_tiling(run):
    table = run(
        benchmark_tiling,
        *("--no-peers", "--width", 2, "--tile", 204),
        volume="volume.tif",
        network="network.json",
    )
    assert roles(table) == [["ours", "ours", "peer", "floor"], ["ours", "floor"]]
    assert "equal tiles of 204 -> 20 px" in table["implementation"][2]
    assert table["implementation"].iloc[-1].endswith("48 x 48 px")


def test_equal_tiles_predict_what_one_pass_does():
    grey = np.random.default_rng(0).random((36, 36), np.float32)
    unet, network = benchmark_tiling.make_network({"width": 2})
    # Blocks of 20 px start at 0 and 16, where the pooling grids coincide.
    tiled = benchmark_tiling.equal_tiles(grey, unet, network, 204)
    (whole,) = benchmark_tiling.blocks(grey, unet, network)()
    np.testing.assert_allclose(tiled, whole.logits, atol=1e-4)


@pytest.mark.parametrize(
    ("side", "block", "expected"),
    [(512, 388, [0, 124]), (388, 388, [0]), (100, 388, [0]), (776, 388, [0, 388])],
)
def test_equal_tiles_cover_a_side_with_the_last_one_flush(side, block, expected):
    assert benchmark_tiling.starts(side, block) == expected
