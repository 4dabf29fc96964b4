"""train.py and predict.py on tiny arrays, from samples to probabilities."""

import csv
import json

import numpy as np
import pytest
import tifffile
import torch

import predict
import train
from unet2015.errors import InputError
from unet2015.stacks import read_probability

NETWORK = {"width": 2, "depth": 1, "padding": "same", "norm": "batch", "dropout": 0.5}
TRAINING = {
    "optimiser": "adamw",
    "learning_rate": 1e-2,
    "schedule": "linear",
    "warmup": 0.2,
    "momentum": 0.9,
    "weight_decay": 1e-2,
    "clip": 1.0,
    "average": 0.9,
    "batch": 2,
    "accumulate": 1,
    "steps": 6,
    "deterministic": True,
    "compile": False,
}
OUTPUTS = ["model", "card", "history", "run"]


@pytest.fixture(autouse=True)
def _undo_configuration():
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Train with some settings; return the contents of the outputs by name."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 16, 16), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "labels.npy", np.where(images > 90, 255, 0).astype(np.uint8))
    np.save(tmp_path / "weights.npy", rng.random((5, 16, 16)).astype(np.float16))

    def run(seed=0, network=None, **changes):
        (tmp_path / "network.json").write_text(
            json.dumps({**NETWORK, **(network or {})})
        )
        (tmp_path / "training.json").write_text(json.dumps({**TRAINING, **changes}))
        arguments = [
            *(f"--{n}={tmp_path / n}.npy" for n in ("images", "labels", "weights")),
            *(f"--{n}={tmp_path / n}.json" for n in ("network", "training")),
            *(f"--{n}={tmp_path / n}" for n in OUTPUTS),
            f"--checkpoints={tmp_path / 'checkpoints'}",
            "--checkpoint-seconds=-1",
            "--device=cpu",
            "--threads=1",
            f"--seed={seed}",
        ]
        monkeypatch.setattr("sys.argv", ["train.py", *arguments])
        train.main()
        return {name: (tmp_path / name).read_bytes() for name in OUTPUTS}

    return run


def cut_off(monkeypatch, after):
    """Let reading fail like a killed program after some batches."""

    def failing(samples, step, *rest):
        if step >= after:
            raise KeyboardInterrupt
        return original(samples, step, *rest)

    original = train.read_batch
    monkeypatch.setattr(train, "read_batch", failing)


def checkpoints(folder):
    return sorted(path.parent.name for path in folder.glob("checkpoints/*/state.pt"))


def test_same_seed_same_model(program):
    first, again, other = program(), program(), program(seed=1)
    assert first["model"] == again["model"] != other["model"]
    assert first["card"] == again["card"]


def test_interrupted_training_is_resumed(program, tmp_path, monkeypatch):
    whole = program()
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            program()
    assert len(checkpoints(tmp_path)) == 1
    asked, original = [], train.read_batch
    monkeypatch.setattr(
        train,
        "read_batch",
        lambda s, step, *a: asked.append(step) or original(s, step, *a),
    )
    assert program()["model"] == whole["model"]
    assert asked == [4, 5]
    assert not checkpoints(tmp_path)


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"learning_rate": 0.1}, {"network": {"dropout": 0.1}}]
)
def test_changed_setting_never_resumes(program, tmp_path, monkeypatch, change):
    cut_off(monkeypatch, after=3)
    for arguments in ({}, change):
        with pytest.raises(KeyboardInterrupt):
            program(**arguments)
    assert len(checkpoints(tmp_path)) == 2


def test_changed_data_never_resumes(program, tmp_path, monkeypatch):
    cut_off(monkeypatch, after=3)
    for value in (3, 4):
        weights = np.full((5, 16, 16), value, dtype=np.float16)
        np.save(tmp_path / "weights.npy", weights)
        with pytest.raises(KeyboardInterrupt):
            program()
    assert len(checkpoints(tmp_path)) == 2


def test_changed_code_never_resumes(program, tmp_path, monkeypatch):
    cut_off(monkeypatch, after=3)
    for text in ("one", "two"):
        (tmp_path / "code.py").write_text(text)
        monkeypatch.setattr(train, "closure", lambda _: [tmp_path / "code.py"])
        with pytest.raises(KeyboardInterrupt):
            program()
    assert len(checkpoints(tmp_path)) == 2


def test_averaged_weights_are_what_is_saved(program):
    assert program(average=0.9)["model"] != program(average=0.0)["model"]


def test_history_and_record(program):
    outputs = program(seed=3)
    rows = list(csv.DictReader(outputs["history"].decode().splitlines()))
    assert list(rows[0]) == ["step", "seconds", "loss", "learning_rate"]
    assert [row["step"] for row in rows] == list("123456")
    record = json.loads(outputs["run"])
    assert record.keys() == {"device", "torch", "seed", "steps", "seconds"}
    assert (record["seed"], record["steps"]) == (3, 6)
    assert (record["device"], record["torch"]) == ("cpu, 1 threads", torch.__version__)


def test_card_describes_the_model(program, tmp_path):
    card = json.loads(program()["card"])
    images = np.load(tmp_path / "images.npy")
    assert card["architecture"] == NETWORK
    assert card["normalisation"]["mean"] == pytest.approx(images.mean())
    assert card["normalisation"]["std"] == pytest.approx(images.std())


def test_samples_that_the_network_cannot_map_are_refused(program):
    with pytest.raises(InputError, match=r"side: .*side of 16 px.*nearest"):
        program(network={"padding": "valid", "depth": 2})


def test_divergence_leaves_no_model(program, tmp_path):
    with pytest.raises(InputError, match="diverged; try a third of learning_rate"):
        program(learning_rate=1e30, schedule="constant", optimiser="sgd", clip=0)
    assert not (tmp_path / "model").exists()


@pytest.fixture
def predicted(program, tmp_path, monkeypatch):
    """Train, then predict a stack with some settings."""
    program()
    rng = np.random.default_rng(1)
    volume = rng.integers(0, 256, (3, 20, 26), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "volume.tif", volume, photometric="minisblack")
    split = {"score": {"stack": "train", "slices": [2, 0]}}
    (tmp_path / "split.json").write_text(json.dumps(split))

    def run(*options, **settings):
        default = {"average": "none", "memory": 4, "tile": 0, "border": "mirror"}
        settings = {**default, **settings}
        (tmp_path / "inference.json").write_text(json.dumps(settings))
        files = {
            "model": "model",
            "card": "card",
            "volume": "volume.tif",
            "settings": "inference.json",
            "output": "probability.tif",
        }
        arguments = [f"--{name}={tmp_path / file}" for name, file in files.items()]
        arguments += ["--device=cpu", "--threads=1", *options]
        monkeypatch.setattr("sys.argv", ["predict.py", *arguments])
        predict.main()
        return read_probability(tmp_path / "probability.tif")

    return run


def test_prediction_of_a_split(predicted, tmp_path):
    everything = predicted()
    assert everything.shape == (3, 20, 26)
    assert everything.dtype == np.float32
    assert everything.std() > 0
    chosen = predicted(f"--split={tmp_path / 'split.json'}")
    np.testing.assert_allclose(chosen, everything[[2, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tile": 8}, "inference: a tile of 8 px is too small; use at least"),
        ({"border": "wrap"}, "inference: border is 'wrap', expected"),
        ({"average": "all"}, "inference: average is 'all', expected"),
        ({"memory": 0.01}, r"inference.memory is 0.01 GB, expected at least 0\.\d+ GB"),
        ({"memory": -1}, r"inference.memory is -1 GB, expected 0 \(no bound\) or more"),
    ],
)
def test_impossible_inference_is_refused(predicted, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        predicted(**settings)
    assert not (tmp_path / "probability.tif").exists()


def test_split_of_another_stack_is_refused(predicted, tmp_path):
    (tmp_path / "split.json").write_text('{"score": {"slices": [3]}}')
    with pytest.raises(InputError, match=r"split.json names slice 3, expected 0\.\.2"):
        predicted(f"--split={tmp_path / 'split.json'}")
