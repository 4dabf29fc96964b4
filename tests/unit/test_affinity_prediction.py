"""Predictions of networks with affinities, from the files to the files."""

import json

import numpy as np
import pytest
from onnx_files import make_network, write_files
from training_files import call

import predict
from unet2015.commands.slice_predictor import SlicePredictor
from unet2015.data.affinities import read_affinities
from unet2015.data.stacks import read_probability
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.inference.backends import open_models
from unet2015.inference.views import unchanged
from unet2015.settings import defaults

OFFSETS = [[0, 0, 1], [0, 1, 0], [0, 3, -2]]
NETWORK = {"width": 4, "depth": 1, "padding": "same", "affinities": OFFSETS}
SHAPE = (3, 20, 26)


@pytest.fixture
def predicted(tmp_path):
    """Predict with some options; return the probability."""
    write_files(tmp_path, make_network(**NETWORK), NETWORK)
    volume = np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8)
    write_stack(tmp_path / "volume.tif", volume)
    files = {"inference": "inference.json", "prediction-run": "run.json"}
    files |= {"volume": "volume.tif", "output": "probability.tif"}

    def run(*options, model="model.safetensors", **settings):
        settings = defaults("inference") | {"precision": "float32"} | settings
        (tmp_path / "inference.json").write_text(json.dumps(settings))
        paths = {n: tmp_path / f for n, f in {**files, "model": model}.items()}
        paths["card"] = tmp_path / "model.json"
        call(predict, paths, "--device=cpu", "--threads=1", *options)
        return read_probability(tmp_path / "probability.tif")

    return run


def recorded(folder):
    return json.loads((folder / "run.json").read_text()).get("affinities")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["none", "symmetries"])
def test_affinities_stand_beside_the_same_probability(predicted, tmp_path, kind):
    views = {"test_time_augmentation": kind}
    alone = predicted(**views)
    assert recorded(tmp_path) is None
    path = tmp_path / "affinities.tif"
    np.testing.assert_array_equal(predicted(f"--affinities={path}", **views), alone)
    affinities, offsets = read_affinities(path)
    assert [list(offset) for offset in offsets] == OFFSETS == recorded(tmp_path)
    assert affinities.shape == (3, 3, 20, 26)
    assert affinities[:, 0, :, :-1].std() > 1
    assert not affinities[:, 0, :, -1].any()  # their partner lies outside


def test_onnxruntime_gives_the_same_affinities(predicted, tmp_path):
    found = []
    for model in ("model.safetensors", "model.onnx"):
        path = tmp_path / "affinities.tif"
        predicted(f"--affinities={path}", model=model, test_time_augmentation="none")
        found.append(read_affinities(path)[0].astype(int))
    assert abs(found[1] - found[0]).max() <= 1


def test_interrupted_prediction_goes_on_with_its_affinities(
    predicted, tmp_path, monkeypatch
):
    path = tmp_path / "affinities.tif"
    options = f"--affinities={path}", f"--kept={tmp_path / 'kept'}"
    whole, (expected, _) = predicted(*options), read_affinities(path)
    path.unlink()
    original, done = predict.main.__globals__["SlicePredictor"], []
    handed = original._predicting

    def cut_off(self, clock):
        forward = handed(self, clock)

        def failing(image):
            if len(done) == 2:
                raise KeyboardInterrupt
            done.append(image)
            return forward(image)

        return failing

    with monkeypatch.context() as patch:
        patch.setattr(original, "_predicting", cut_off)
        with pytest.raises(KeyboardInterrupt):
            predicted(*options)
    assert not path.exists()
    assert len(list(tmp_path.glob("kept/*/*.tif"))) == 2
    np.testing.assert_array_equal(predicted(*options), whole)
    np.testing.assert_array_equal(read_affinities(path)[0], expected)


def test_network_without_affinities_is_refused(predicted, tmp_path):
    plain = {k: v for k, v in NETWORK.items() if k != "affinities"}
    write_files(tmp_path, make_network(**plain), plain)
    with pytest.raises(InputError, match=r"affinities\.tif, but .* predicts none; lea"):
        predicted(f"--affinities={tmp_path / 'affinities.tif'}")


def test_resampled_volume_is_refused(predicted, tmp_path):
    sizes = "--nm-per-pixel=8", "--trained-nm-per-pixel=4"
    predicted(*sizes)
    with pytest.raises(InputError, match=r"volume\.tif is resampled .* leave --affi"):
        predicted(*sizes, f"--affinities={tmp_path / 'affinities.tif'}")
    assert not (tmp_path / "affinities.tif").exists()


def test_slices_kept_without_affinities_are_not_used(predicted, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "unet2015.commands.predict.remove_checkpoint", lambda folder: None
    )
    kept, path = f"--kept={tmp_path / 'kept'}", tmp_path / "affinities.tif"
    predicted(kept)
    predicted(kept, f"--affinities={path}")
    assert read_affinities(path)[0].shape == (3, 3, 20, 26)


@pytest.mark.slow
def test_affinities_count_in_the_memory(predicted, tmp_path):
    paths = [tmp_path / "model.safetensors"], [tmp_path / "model.json"]
    opened, view = open_models(*paths, "cpu", 1), unchanged((4000, 4000))
    settings = defaults("inference") | {"test_time_augmentation": "none", "memory": 0.7}
    SlicePredictor(opened, settings, view)
    with pytest.raises(InputError, match=r"memory is 0\.7 GB, expected at least 1"):
        SlicePredictor(opened, settings, view, OFFSETS)
