"""train.py and predict.py on tiny arrays, from samples to probabilities."""

import csv
import io
import json
import re
import shutil

import numpy as np
import pytest
import tifffile
import torch
from training_files import (
    DEFAULTS,
    DRAWN,
    INFERENCE,
    NETWORK,
    OUTPUTS,
    STORED,
    call,
    cut_off,
    store_samples,
    training_files,
    write_settings,
    write_slices,
)

import figure_training_curves
import predict
import train
from unet2015 import cli
from unet2015.data.stacks import read_probability
from unet2015.data.tiff import read_stack, write_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError
from unet2015.inference.prediction import predict_tiled
from unet2015.network.model_files import load_model
from unet2015.network.processor import processor

VIEWS = "test_time_augmentation"


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A folder with all that a training reads."""
    folder = tmp_path_factory.mktemp("samples")
    write_slices(folder)
    write_settings(folder, **{stage: {} for stage in DEFAULTS})
    store_samples(folder)
    return folder


@pytest.fixture
def program(samples, tmp_path):
    """Train with some settings; return the contents of the outputs by name."""
    shutil.copytree(samples, tmp_path, dirs_exist_ok=True)

    def run(
        seed=0, network=None, on_the_fly=False, threads=1, model="model", **changes
    ):
        write_settings(tmp_path, network=network or {}, training=changes)
        options = ("--checkpoint-seconds=-1", "--device=cpu", f"--threads={threads}")
        files = {**training_files(tmp_path, on_the_fly), "model": tmp_path / model}
        call(train, files, *options, f"--seed={seed}")
        return {name: files[name].read_bytes() for name in OUTPUTS}

    return run


def checkpoints(folder):
    return sorted(path.parent.name for path in folder.glob("checkpoints/*/state.pt"))


def test_same_seed_same_model(program):
    first, again, other = program(), program(), program(seed=1)
    assert first["model"] == again["model"] != other["model"]
    assert first["card"] == again["card"]


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("on_the_fly", [False, True])
def test_same_model_from_the_same_number_of_threads(program, threads, on_the_fly):
    models = {
        program(on_the_fly=on_the_fly, threads=threads)["model"] for _ in range(2)
    }
    assert len(models) == 1


@pytest.mark.parametrize("changes", [{}, {"optimiser": "sgd"}])
def test_drawn_and_stored_samples_give_the_same_model(program, changes):
    stored, drawn = (
        program(on_the_fly=on_the_fly, **changes) for on_the_fly in (False, True)
    )
    assert stored["model"] == drawn["model"]
    assert stored["card"] == drawn["card"]


def test_unknown_pixels_weigh_nothing_stored_or_drawn(program, tmp_path):
    labels = read_stack(tmp_path / "truth.tif").copy()
    labels[:, :, :9] = 127
    write_stack(tmp_path / "truth.tif", labels)
    store_samples(tmp_path)
    truth = np.load(tmp_path / "labels.npy")
    weights = np.load(tmp_path / "weights.npy")
    assert set(np.unique(truth)) == {0, 127, 255}
    np.testing.assert_array_equal(weights == 0, truth == 127)
    assert program()["model"] == program(on_the_fly=True)["model"]


@pytest.mark.parametrize("seed", [0, 3])
def test_drawn_samples_follow_the_seed(program, tmp_path, seed):
    drawn = program(on_the_fly=True, seed=seed)
    store_samples(tmp_path, seed)
    assert program(seed=seed)["model"] == drawn["model"]


@pytest.mark.parametrize(
    ("dropped", "added"),
    [
        ({"sample-weights"}, set()),
        ({"sample-weights"}, {"weights"}),
        (set(), {"volume"}),
        (set(), set(DRAWN)),
        (set(STORED), set()),
        (set(STORED), set(DRAWN) - {"split"}),
    ],
)
def test_mixed_or_missing_samples_are_refused(program, tmp_path, dropped, added):
    files = training_files(tmp_path, on_the_fly=False)
    drawn = training_files(tmp_path, on_the_fly=True)
    files = {n: path for n, path in files.items() if n not in dropped}
    files |= {name: drawn[name] for name in added}
    found = [f"--{name}" for name in [*STORED, *DRAWN] if name in files]
    with pytest.raises(InputError) as refused:
        call(train, files, "--device=cpu")
    message = str(refused.value)
    assert f"come from {', '.join(found) or 'no files'}, expected" in message
    assert "--sample-images, --sample-labels, --sample-weights (stored" in message
    assert "--volume, --labels, --split, --augmentation, --weights (samp" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"optimiser": "sgd", "weight_average": 0.0},
        {"on_the_fly": True, "weight_average": 0.8},
    ],
)
def test_interrupted_training_is_resumed(program, tmp_path, monkeypatch, changes):
    whole = program(**changes)
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            program(**changes)
    assert len(checkpoints(tmp_path)) == 1
    asked, original = [], train.read_batch
    monkeypatch.setattr(
        train,
        "read_batch",
        lambda s, step, *a: asked.append(step) or original(s, step, *a),
    )
    assert program(**changes)["model"] == whole["model"]
    assert asked == [4, 5]
    assert not checkpoints(tmp_path)


def test_loss_of_a_running_training_can_be_drawn(program, tmp_path, monkeypatch):
    original, drawn = train.read_batch, []

    def reading(source, step, *rest):
        if step == 4:
            (history,) = tmp_path.glob("checkpoints/*/history.csv")
            drawn.append(len(history.read_text().splitlines()) - 1)
            names = [f"--history={history}", f"--output={tmp_path / 'loss.png'}"]
            figure_training_curves.main(names)
            raise KeyboardInterrupt
        return original(source, step, *rest)

    monkeypatch.setattr(train, "read_batch", reading)
    with pytest.raises(KeyboardInterrupt):
        program()
    assert drawn[0] in (2, 3, 4)  # a batch is read ahead of its step
    (history,) = tmp_path.glob("checkpoints/*/history.csv")
    rows = csv.DictReader(history.read_text().splitlines())
    assert [row["step"] for row in rows] == list("1234")
    assert (tmp_path / "loss.png").stat().st_size > 10_000
    monkeypatch.setattr(train, "read_batch", original)
    whole = program()["history"].decode().splitlines()
    assert len(whole) == 7
    assert not history.exists()


def snapshots(folder):
    """Return the files of each snapshot by its name, but for what times differ in."""
    return {
        each.name: {
            path.name: path.read_bytes()
            for path in each.iterdir()
            if path.name not in ("run.json", "history.csv")
        }
        for each in sorted(folder.glob("checkpoints/*/snapshots/*"))
    }


@pytest.mark.parametrize(("average", "names"), [(0.9, "model average"), (0.0, "model")])
def test_snapshots_outlive_the_training(program, tmp_path, average, names):
    outputs = program(snapshots=[2, 6], weight_average=average)
    kept = snapshots(tmp_path)
    assert list(kept) == ["step000002", "step000006"]
    files = {
        f"{name}.{end}" for name in names.split() for end in ("safetensors", "json")
    }
    assert all(found.keys() == files for found in kept.values())
    last = names.split()[-1]
    assert kept["step000006"][f"{last}.safetensors"] == outputs["model"]
    (run,) = tmp_path.glob("checkpoints/*/snapshots/step000002/run.json")
    assert json.loads(run.read_text())["steps"] == 2
    assert len((run.parent / "history.csv").read_text().splitlines()) == 3
    load_model(run.parent / "model.safetensors", run.parent / "model.json")


@pytest.mark.slow
def test_interrupted_training_keeps_the_same_snapshots(program, tmp_path, monkeypatch):
    program(snapshots=[2, 5])
    whole = snapshots(tmp_path)
    shutil.rmtree(tmp_path / "checkpoints")
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            program(snapshots=[2, 5])
    assert list(snapshots(tmp_path)) == ["step000002"]
    program(snapshots=[2, 5])
    assert snapshots(tmp_path) == whole


def test_finished_training_leaves_no_folder(program, tmp_path):
    program()
    assert not (tmp_path / "checkpoints").exists()


def test_other_arithmetic_never_resumes(program, tmp_path, monkeypatch):
    answers = {"auto": "float32"}
    monkeypatch.setattr(train, "choose_precision", lambda asked, _: answers[asked])
    whole = program(precision="auto")
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            program(precision="auto")
    answers["auto"] = "bfloat16"
    with pytest.raises(InputError, match=r"on cpu in float32, expected cpu in bfloat"):
        program(precision="auto")
    assert len(checkpoints(tmp_path)) == 1
    answers["auto"] = "float32"
    assert program(precision="auto")["model"] == whole["model"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"learning_rate": 0.1},
        {"network": {"dropout": 0.1}},
        {"precision": "bfloat16"},
    ],
)
def test_changed_setting_never_resumes(program, tmp_path, monkeypatch, change):
    cut_off(monkeypatch, after=3)
    for arguments in ({}, change):
        with pytest.raises(KeyboardInterrupt):
            program(**arguments)
    assert len(checkpoints(tmp_path)) == 2


def test_equal_settings_under_two_names_do_not_block_each_other(program, monkeypatch):
    original, beside = train.read_batch, []

    def reading(*arguments):
        monkeypatch.setattr(train, "read_batch", original)
        beside.append(program(model="another name")["model"])
        return original(*arguments)

    monkeypatch.setattr(train, "read_batch", reading)
    program()
    assert len(beside) == 1


def change_data(path):
    """Change some pixels of an array or stack, or a number in a JSON file."""
    if path.suffix == ".npy":
        np.save(path, np.load(path) + np.arange(5)[:, None, None].astype("u1"))
    elif path.suffix == ".tif":
        stack = read_stack(path).copy()
        stack[0, 0, 0] ^= 255
        write_stack(path, stack)
    else:
        text = re.sub(r"[0-8](?=\D*$)", lambda d: str(int(d[0]) + 1), path.read_text())
        path.write_text(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("on_the_fly", "name"),
    [(False, name) for name in [*STORED, "statistics"]]
    + [(True, name) for name in [*DRAWN, "statistics"]],
)
def test_changed_data_never_resumes(program, tmp_path, monkeypatch, on_the_fly, name):
    cut_off(monkeypatch, after=3)
    with pytest.raises(KeyboardInterrupt):
        program(on_the_fly=on_the_fly)
    path = training_files(tmp_path, on_the_fly)[name]
    before = path.read_bytes()
    change_data(path)
    assert path.read_bytes() != before
    with pytest.raises(KeyboardInterrupt):
        program(on_the_fly=on_the_fly)
    assert len(checkpoints(tmp_path)) == 2


def test_changed_code_never_resumes(program, tmp_path, monkeypatch):
    cut_off(monkeypatch, after=3)
    for version in ("one", "two"):
        monkeypatch.setattr(train, "code_version", lambda _, v=version: v)
        with pytest.raises(KeyboardInterrupt):
            program()
    assert len(checkpoints(tmp_path)) == 2


def test_averaged_weights_are_what_is_saved(program):
    assert program(weight_average=0.9)["model"] != program(weight_average=0.0)["model"]


def test_network_is_channels_last(program, monkeypatch):
    made, original = [], train.Trainer
    monkeypatch.setattr(
        train, "Trainer", lambda unet, *a: made.append(unet) or original(unet, *a)
    )
    program()
    weight = made[0].expanding[0][0].weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()


def test_history_and_record(program):
    outputs = program(seed=3)
    rows = list(csv.DictReader(outputs["history"].decode().splitlines()))
    assert list(rows[0]) == ["step", "seconds", "loss", "learning_rate"]
    assert [row["step"] for row in rows] == list("123456")
    record = json.loads(outputs["run"])
    assert record.keys() == {
        "device",
        "precision",
        "torch",
        "commit",
        "seed",
        "steps",
        "pixels",
        "seconds",
    }
    assert record["precision"] == "float32"
    assert (record["seed"], record["steps"]) == (3, 6)
    assert record["device"] == f"{processor()}, 1 threads"
    assert record["torch"] == torch.__version__
    assert record["pixels"] == 6 * 2 * 16**2  # steps, batch, side


def test_card_describes_the_model(program, tmp_path):
    card = json.loads(program()["card"])
    images = read_stack(tmp_path / "volume.tif")[[0, 2]]  # those of the split
    expected = {**NETWORK, "in_channels": 1}
    del expected["affinities"]  # there are none: cards as before there were any
    assert card["architecture"] == expected
    assert card["normalisation"]["mean"] == pytest.approx(images.mean())
    assert card["normalisation"]["std"] == pytest.approx(images.std())
    assert "intensity_range" not in card["normalisation"]


def test_samples_that_the_network_cannot_map_are_refused(program):
    with pytest.raises(InputError, match=r"side: .*side of 16 px.*nearest"):
        program(network={"padding": "valid", "depth": 2})


def of_the_gpu(*_):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried\nto allocate")


@pytest.mark.parametrize(
    "reading",
    [lambda *_: np.empty(2**58), lambda *_: torch.empty(2**60), of_the_gpu],
    ids=["host", "torch", "GPU"],
)
def test_lack_of_memory_names_what_to_lower(program, monkeypatch, reading):
    monkeypatch.setattr(train, "read_batch", reading)
    with pytest.raises(InputError) as refused:
        program(network={"width": 3})
    message = str(refused.value)
    assert message.startswith("the memory does not suffice (")
    assert message.endswith(
        "; lower batch (2), side (16) or width (3) of training, augmentation or network"
    )
    assert "\n" not in message


def test_other_errors_keep_their_kind(program, monkeypatch):
    monkeypatch.setattr(train, "read_batch", lambda *_: torch.ones(2) @ torch.ones(3))
    with pytest.raises(RuntimeError, match="inconsistent tensor size"):
        program()


def test_divergence_leaves_no_model(program, tmp_path):
    with pytest.raises(InputError, match="diverged; try a third of learning_rate"):
        program(
            network={"norm": "none"},
            learning_rate=10,
            momentum=0.99,
            schedule="constant",
            optimiser="sgd",
            max_grad_norm=0,
            steps=100,
        )
    assert not (tmp_path / "model").exists()


@pytest.fixture
def predicted(program, tmp_path):
    """Train, then predict a stack with some settings."""
    program()
    rng = np.random.default_rng(1)
    volume = rng.integers(0, 256, (3, 20, 26), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "volume.tif", volume, photometric="minisblack")
    split = {"score": {"stack": "train", "slices": [2, 0]}}
    (tmp_path / "split.json").write_text(json.dumps(split))

    def run(*options, **settings):
        (tmp_path / "inference.json").write_text(json.dumps(INFERENCE | settings))
        files = {
            "model": "model",
            "card": "card",
            "volume": "volume.tif",
            "inference": "inference.json",
            "output": "probability.tif",
        }
        arguments = [f"--{name}={tmp_path / file}" for name, file in files.items()]
        arguments += ["--device=cpu", "--threads=1", *options]
        predict.main(arguments)
        return read_probability(tmp_path / "probability.tif")

    return run


def test_scaling_of_the_training_volume_travels_with_the_model(program, tmp_path):
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    statistics["intensity_range"] = [100, 4180]
    (tmp_path / "statistics.json").write_text(json.dumps(statistics))
    program()
    grey = np.arange(20 * 26).reshape(1, 20, 26) % 256
    stacks = {
        "8 bit": (grey.astype(np.uint8), ()),
        "16 bit": ((100 + 16 * grey).astype(np.uint16), ()),
        "as stated": ((grey / 255).astype(np.float32), ("--intensity-range", "0", "1")),
    }
    found = []
    for volume, options in stacks.values():
        tifffile.imwrite(tmp_path / "new.tif", volume, photometric="minisblack")
        files = {"model": "model", "card": "card", "volume": "new.tif", "output": "p"}
        call(predict, {n: tmp_path / f for n, f in files.items()}, *options)
        found.append(read_probability(tmp_path / "p"))
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])


def test_prediction_of_a_split(predicted, tmp_path):
    everything = predicted()
    assert everything.shape == (3, 20, 26)
    assert everything.dtype == np.float32
    assert everything.std() > 0
    chosen = predicted(f"--split={tmp_path / 'split.json'}")
    np.testing.assert_allclose(chosen, everything[[2, 0]], atol=1e-6)


def test_model_of_isbi2012_needs_no_name(predicted, tmp_path, monkeypatch):
    expected = predicted()
    monkeypatch.chdir(tmp_path)
    names = ["--volume=volume.tif", "--inference=inference.json", "--output=b.tif"]
    with pytest.raises(InputError, match=r"holds 0 models .*, expected one; name a"):
        predict.main(names)
    folder = tmp_path / "results/isbi2012/models/test/a_b/seed0"
    folder.mkdir(parents=True)
    shutil.copy("model", folder / "model.safetensors")
    shutil.copy("card", folder / "model.json")
    predict.main([*names, "--device=cpu", "--threads=1"])
    np.testing.assert_array_equal(read_probability("b.tif"), expected)


@pytest.mark.parametrize(
    ("options", "voxel"),
    [
        ([], Voxel(5, 30)),
        (["--nm-per-pixel=4", "--nm-per-slice=50"], Voxel(4, 50)),
        (["--nm-per-pixel=4"], Voxel(4, 30)),
    ],
)
def test_prediction_has_the_pixel_size_of_the_volume(
    predicted, tmp_path, options, voxel
):
    pixels = read_stack(tmp_path / "volume.tif")
    write_for_viewers(
        tmp_path / "volume.tif", pixels, pixels.shape, np.uint8, Voxel(5, 30)
    )
    predicted(*options)
    assert read_voxel(tmp_path / "probability.tif") == voxel


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tile": 8}, "inference: a tile of 8 px is too small; use at least"),
        (
            {"border": "wrap"},
            r"inference\.json: border is 'wrap', expected one of",
        ),
        (
            {"test_time_augmentation": "all"},
            r"inference\.json: test_time_augmentation is 'all', expected",
        ),
        ({"memory": 0.01}, r"inference.memory is 0.01 GB, expected at least 0\.\d+ GB"),
        ({"memory": -1}, r"inference\.json: memory is -1, expected at least 0 "),
    ],
)
def test_impossible_inference_is_refused(predicted, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        predicted(**settings)
    assert not (tmp_path / "probability.tif").exists()


def test_other_pixel_size_is_resampled_to_that_of_the_training(predicted, monkeypatch):
    seen = []

    def flat(image, *_):
        seen.append(image.shape[:2])
        return np.full(image.shape[:2], 0.25, np.float32)

    monkeypatch.setattr("unet2015.commands.slice_predictor.predict_tiled", flat)
    found = predicted("--nm-per-pixel=8", "--trained-nm-per-pixel=4")
    assert set(seen) == {(40, 52)}
    assert found.shape == (3, 20, 26)
    np.testing.assert_allclose(found, 0.25)
    predicted("--nm-per-pixel=4.1", "--trained-nm-per-pixel=4")
    assert seen[-1] == (20, 26)


def test_unknown_pixel_size_is_warned_of(predicted, caplog):
    predicted("--trained-nm-per-pixel=4")
    assert "volume.tif does not state its pixel size; the model was" in caplog.text


def test_impossible_pixel_size_is_refused(predicted):
    with pytest.raises(
        InputError, match="has 400 nm a pixel and the training slices 4"
    ):
        predicted("--nm-per-pixel=400", "--trained-nm-per-pixel=4")


@pytest.mark.parametrize(
    ("most", "views"), [(0.001, 8), (0.1, 24)], ids=["large", "small"]
)
def test_large_stack_is_seen_at_one_scale(predicted, caplog, most, views):
    caplog.set_level("INFO")
    predicted(f"--scales-up-to={most}", test_time_augmentation="scales")
    assert f"3 slices of 20 x 26 px, {views} tiles each: about " in caplog.text


@pytest.mark.parametrize(
    ("most", "record"),
    [
        (0.1, {VIEWS: "scales"}),
        (0.001, {VIEWS: "symmetries", f"{VIEWS}_asked": "scales"}),
    ],
)
def test_fewer_views_than_asked_are_recorded(predicted, tmp_path, most, record):
    written = tmp_path / "run.json"
    options = [f"--scales-up-to={most}", f"--prediction-run={written}"]
    predicted(*options, **{VIEWS: "scales"})
    found = json.loads(written.read_text())
    assert {key: found[key] for key in found if VIEWS in key} == record


def test_interrupted_prediction_goes_on(predicted, tmp_path, monkeypatch):
    whole, folder = predicted(), tmp_path / "kept"
    done, last = [], 2

    def counting(*arguments):
        if len(done) == last:
            raise KeyboardInterrupt
        done.append(predict_tiled(*arguments))
        return done[-1]

    monkeypatch.setattr("unet2015.commands.slice_predictor.predict_tiled", counting)
    (tmp_path / "probability.tif").unlink()
    with pytest.raises(KeyboardInterrupt):
        predicted(f"--kept={folder}")
    assert not (tmp_path / "probability.tif").exists()
    kept = sorted(folder.glob("*/*.tif"))
    assert len(kept) == 2
    kept[0].write_bytes(b"damaged")
    last = 4
    np.testing.assert_array_equal(predicted(f"--kept={folder}"), whole)
    assert len(done) == 4  # the damaged one and the third
    assert not folder.exists()


def test_slices_kept_with_other_settings_are_not_used(predicted, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    monkeypatch.setattr(
        "unet2015.commands.predict.remove_checkpoint", lambda folder: None
    )
    predicted(f"--kept={folder}")
    expected = predicted(border="zero")
    np.testing.assert_array_equal(
        predicted(f"--kept={folder}", border="zero"), expected
    )
    assert len([*folder.iterdir()]) == 2


def test_lack_of_memory_names_memory_and_tile(predicted, monkeypatch):
    monkeypatch.setattr(
        "unet2015.commands.slice_predictor.predict_tiled", lambda *_: torch.empty(2**60)
    )
    with pytest.raises(
        InputError,
        match=r"not suffice .*; lower inference.memory \(3 GB.*inference.tile \(22 px",
    ):
        predicted(memory=3, tile=22)


def test_split_of_another_stack_is_refused(predicted, tmp_path):
    (tmp_path / "split.json").write_text('{"score": {"slices": [3]}}')
    with pytest.raises(InputError, match=r"split.json names slice 3, expected 0\.\.2"):
        predicted(f"--split={tmp_path / 'split.json'}")


def test_progress_counts_every_tile(predicted, monkeypatch):
    bars = []

    class Bar(cli.tqdm):
        def __init__(self, **options):
            bars.append(self)
            super().__init__(**{**options, "disable": False, "file": io.StringIO()})

    monkeypatch.setattr(cli, "tqdm", Bar)
    predicted(test_time_augmentation="symmetries")
    assert bars[0].n == bars[0].total == 3 * 8
