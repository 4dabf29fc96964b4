"""Kinds of files hold in every program, not in the reader alone."""

import json

import numpy as np
import pytest
import torch
from file_kinds import READ, REFUSED, SCALED
from tiny_data import STACKS
from training_files import status_of

import evaluate
import import_stacks
import predict
from unet2015.data.tiff import read_stack, write_stack
from unet2015.network.model_files import save_model
from unet2015.network.unet import UNet

pytestmark = pytest.mark.slow

GREY = np.random.default_rng(5).integers(0, 256, (6, 48, 40), dtype=np.uint8)
TRUTH = np.tile(STACKS["train-labels"], (2, 1, 1))
OUTPUTS = ("train-volume", "train-labels", "test-volume", "test-labels")


def run(program, **arguments):
    """Run a program as the command line does; return its exit status."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in arguments.items()]
    return status_of(program, *words)


def import_files(folder, volume, labels=None, **options):
    """Import a volume that is that of the test too; return the status."""
    if labels is None:
        labels = folder / "truth.tif"
        write_stack(labels, TRUTH)
    stacks = {"train-volume": volume, "train-labels": labels, "test-volume": volume}
    settings = folder / "settings.json"
    settings.write_text(json.dumps({name: str(path) for name, path in stacks.items()}))
    (folder / "made").mkdir(exist_ok=True)
    outputs = {name: folder / f"made/{name}.tif" for name in OUTPUTS}
    outputs["provenance"] = folder / "made/provenance.json"
    return run(import_stacks, settings=settings, interior="bright", **outputs)


def made(folder, name="train-volume"):
    return read_stack(folder / f"made/{name}.tif")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Save a small network, trained on 8 bits."""
    torch.manual_seed(0)
    weights = tmp_path_factory.mktemp("model") / "model.safetensors"
    network = {"width": 2, "depth": 1, "padding": "same"}
    normalisation = {"mean": 127.0, "std": 70.0}
    save_model(
        UNet(**network), network, normalisation, weights, weights.with_suffix(".json")
    )
    return weights


def prediction(model, volume, output):
    status = run(predict, model=model, volume=volume, output=output, device="cpu")
    return read_stack(output) if status == 0 else status


@pytest.fixture(scope="module")
def predicted(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("predicted")
    write_stack(folder / "plain.tif", GREY)
    return prediction(model, folder / "plain.tif", folder / "p.tif")


@pytest.mark.parametrize("name", READ)
def test_kinds_that_are_read(tmp_path, name, model, predicted):
    READ[name](tmp_path / name, GREY)
    assert import_files(tmp_path, tmp_path / name) == 0
    np.testing.assert_array_equal(made(tmp_path), GREY)
    np.testing.assert_array_equal(made(tmp_path, "test-volume"), GREY)
    found = prediction(model, tmp_path / name, tmp_path / "p.tif")
    np.testing.assert_array_equal(found, predicted)


@pytest.mark.parametrize("name", READ)
def test_the_same_kinds_of_labels(tmp_path, name, capsys):
    READ[name](tmp_path / name, TRUTH)
    write_stack(tmp_path / "grey.tif", GREY)
    assert import_files(tmp_path, tmp_path / "grey.tif", tmp_path / name) == 0
    np.testing.assert_array_equal(made(tmp_path, "train-labels"), TRUTH)
    truth = (TRUTH == 255).astype(np.float32)
    write_stack(tmp_path / "p.tif", truth)
    files = {"labels": tmp_path / name, "probability": tmp_path / "p.tif"}
    assert run(evaluate, **files, output=tmp_path / "scores.json") == 0
    assert "pixel_error     0.000000" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCALED)
def test_more_bits_are_scaled_by_percentiles(tmp_path, name):
    SCALED[name](tmp_path / name, GREY)
    assert import_files(tmp_path, tmp_path / name) == 0
    low, high = np.percentile(GREY.astype(float) * 16, (0.5, 99.5))
    scaled = (GREY.astype(float) * 16 - low) / (high - low)
    expected = np.rint(255 * np.clip(scaled, 0, 1))
    np.testing.assert_array_equal(made(tmp_path), expected)
    record = json.loads((tmp_path / "made/provenance.json").read_text())
    assert record["intensity_range"] == [low, high]


@pytest.mark.parametrize("name", REFUSED)
def test_kinds_that_are_refused(tmp_path, name, model, capsys):
    write, words = REFUSED[name]
    write(tmp_path / name, GREY)
    statuses = [
        import_files(tmp_path, tmp_path / name),
        prediction(model, tmp_path / name, tmp_path / "p.tif"),
    ]
    assert statuses == [1, 1]
    assert not any((tmp_path / "made").iterdir())
    assert not (tmp_path / "p.tif").exists()
    lines = capsys.readouterr().err.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert len(errors) == 2
    assert all(word in line for word in words for line in errors)
