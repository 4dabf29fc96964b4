import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from unet2015.errors import InputError
from unet2015.network.model_files import load_model, save_model
from unet2015.network.unet import UNet

ARCHITECTURE = {"width": 2, "depth": 1, "padding": "same", "norm": "batch"}
NORMALISATION = {"mean": 127.1, "std": 41.7}


@pytest.fixture
def files(tmp_path):
    """Save a network; return it, its weights and its card."""
    torch.manual_seed(0)
    unet = UNet(**ARCHITECTURE)
    unet(torch.randn(2, 1, 8, 8))  # moves the statistics of the normalisation
    weights, card = tmp_path / "model.safetensors", tmp_path / "model.json"
    save_model(unet, ARCHITECTURE, NORMALISATION, weights, card)
    return unet.eval(), weights, card


def test_round_trip(files):
    unet, weights, card = files
    loaded, normalisation = load_model(weights, card)
    assert normalisation == NORMALISATION
    assert not loaded.training
    for name, value in unet.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    image = torch.randn(1, 1, 12, 8)
    np.testing.assert_allclose(
        loaded(image).detach(), unet(image).detach(), rtol=1e-4, atol=1e-6
    )


def test_same_model_is_the_same_file(files, tmp_path):
    unet, weights, card = files
    save_model(unet, ARCHITECTURE, NORMALISATION, tmp_path / "b", tmp_path / "c")
    assert (tmp_path / "b").read_bytes() == weights.read_bytes()
    assert (tmp_path / "c").read_bytes() == card.read_bytes()


def changed_card(**changes):
    def change(_, card):
        card.write_text(json.dumps({**json.loads(card.read_text()), **changes}))

    return change


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda w, c: c.unlink(), "json is no model description.*train"),
        (lambda w, c: c.write_text("{"), "json is no model description"),
        (lambda w, c: c.write_text("[]"), "json is no model description"),
        (lambda w, c: c.write_text("{}"), "json is no model description"),
        (changed_card(architecture={"breadth": 2}), "no model description.*breadth"),
        (changed_card(architecture={"width": -2}), "json is no model description"),
        (changed_card(architecture={"norm": "layer"}), "norm is 'layer', expected"),
        (changed_card(normalisation={"mean": 1}), "no model description.*std"),
        (changed_card(normalisation=None), "json is no model description"),
        (
            changed_card(architecture={**ARCHITECTURE, "width": 3}),
            "safetensors does not hold the weights that .*json describes.*train",
        ),
        (
            changed_card(architecture={**ARCHITECTURE, "depth": 2}),
            "safetensors does not hold the weights",
        ),
        (lambda w, c: w.unlink(), "safetensors does not hold the weights"),
        (lambda w, c: w.write_bytes(b""), "safetensors does not hold the weights"),
        (lambda w, c: w.write_bytes(b"x" * 99), "safetensors does not hold"),
        (
            lambda w, c: w.write_bytes(w.read_bytes()[:-1]),
            "safetensors does not hold the weights",
        ),
        (lambda w, c: save_file({"a": torch.ones(1)}, w), "does not hold the weights"),
    ],
)
def test_damaged_or_mismatched_files_are_refused(files, damage, message):
    _, weights, card = files
    damage(weights, card)
    with pytest.raises(InputError, match=message):
        load_model(weights, card)
