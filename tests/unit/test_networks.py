"""Predictions averaged over several networks, from files to the stack."""

import json

import numpy as np
import pytest
import tifffile
from onnx_files import NORMALISATION, change_card, make_network, write_files
from training_files import call

import predict
from unet2015.data.stacks import read_probability
from unet2015.errors import InputError
from unet2015.inference.backends import open_models
from unet2015.settings import defaults

OPTIONS = {"width": 2, "depth": 2, "space_to_depth": 2}


@pytest.fixture
def files(tmp_path):
    """Return weights, card and ONNX file of two networks."""
    found = []
    for seed in (0, 1):
        (tmp_path / f"{seed}").mkdir()
        network = make_network(seed, **OPTIONS)
        found.append(write_files(tmp_path / f"{seed}", network, OPTIONS))
    return found


@pytest.fixture
def predicted(smooth, tmp_path):
    """Return a function that runs predict.py with models and their cards."""
    tifffile.imwrite(tmp_path / "volume.tif", smooth((40, 56)).astype(np.uint8))
    settings = defaults("inference") | {
        "test_time_augmentation": "symmetries",
        "memory": 0,
    }
    settings["precision"] = "float32"
    (tmp_path / "settings.json").write_text(json.dumps(settings))

    def run(models, cards):
        files = {
            "volume": "volume.tif",
            "inference": "settings.json",
            "output": "p.tif",
        }
        call(
            predict,
            {name: tmp_path / file for name, file in files.items()},
            *("--model", *map(str, models), "--card", *map(str, cards)),
            *("--device", "cpu", "--threads", "1"),
        )
        return read_probability(tmp_path / "p.tif")

    return run


@pytest.mark.parametrize("backend", [0, 2], ids=["torch", "onnxruntime"])
def test_program_averages_networks(files, predicted, backend):
    models, cards = [f[backend] for f in files], [f[1] for f in files]
    together = predicted(models, cards)
    each = [predicted([models[k]], [cards[k]]) for k in range(2)]
    assert together.shape == (1, 40, 56)
    assert np.abs(each[0] - each[1]).max() > 0.05
    np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"normalisation": {**NORMALISATION, "mean": 7}},
            r"1/model.json describes mean 7, which is 120.0 in .*0/model.json, exp",
        ),
        (
            {"architecture": {**OPTIONS, "width": 3}},
            r"describes width 3, which is 2 in .*average networks trained on the same",
        ),
    ],
)
def test_networks_that_do_not_agree_are_not_averaged(files, changes, message):
    models, cards = [f[0] for f in files], [f[1] for f in files]
    change_card(cards[1], **changes)
    with pytest.raises(InputError, match=message):
        open_models(models, cards, "cpu", 1)


def test_each_network_needs_its_card(files):
    models, cards = [f[0] for f in files], [files[0][1]]
    with pytest.raises(InputError, match=r"2 models and 1 cards, expected as many"):
        open_models(models, cards, "cpu", 1)
