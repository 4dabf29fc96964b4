"""A training that begins with a model: its weights, what is noted, what is refused."""

import csv
import json

import pytest
import torch
import yaml
from training_files import (
    DEFAULTS,
    NETWORK,
    call,
    cut_off,
    training_files,
    write_settings,
    write_slices,
)

import train
from unet2015.config.initial_models import check_initial_models
from unet2015.config.validation import complete, missing_files
from unet2015.errors import InputError
from unet2015.network.model_files import load_model, save_model, sha256_of
from unet2015.network.unet import UNet
from unet2015.settings import of_program
from unet2015.training.checkpoints import fingerprint

STANDING = {"optimiser": "sgd", "learning_rate": 1e-9, "weight_average": 0.0}
"""Settings with which a training leaves the weights as they are."""


@pytest.fixture(autouse=True)
def _undo_configuration():
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def trained(tmp_path):
    """Train with some settings; return the files by name."""
    write_slices(tmp_path)
    write_settings(tmp_path, **{stage: {} for stage in DEFAULTS})

    def run(*options, network=None, name="model", **changes):
        write_settings(tmp_path, network=network or {}, training=changes)
        files = training_files(tmp_path, on_the_fly=True)
        files["model"] = tmp_path / f"{name}.safetensors"
        files["card"] = tmp_path / f"{name}.json"
        fixed = ("--checkpoint-seconds=-1", "--device=cpu", "--threads=1")
        call(train, files, *fixed, *options)
        return files

    return run


@pytest.fixture
def source(tmp_path):
    """The path of a model of the network to train, for other grey levels."""
    torch.manual_seed(7)
    return write_model(tmp_path / "source.safetensors", NETWORK)


def write_model(path, network):
    """Write a model with random weights; return its path."""
    normalisation = {"mean": 1.0, "std": 2.0, "intensity_range": [0, 9]}
    save_model(UNet(**network), network, normalisation, path, path.with_suffix(".json"))
    return path


def parameters(files):
    """Return all weights of a trained model in one row."""
    unet, _ = load_model(files["model"], files["card"])
    return torch.cat([each.detach().flatten() for each in unet.parameters()])


def losses(files):
    rows = csv.DictReader(files["history"].read_text().splitlines())
    return [float(row["loss"]) for row in rows]


def test_weights_are_those_of_the_model(trained, source):
    began = {"model": source, "card": source.with_suffix(".json")}
    left = trained(f"--initial={source}", **STANDING)
    torch.testing.assert_close(parameters(left), parameters(began), atol=1e-6, rtol=0)
    from_scratch = parameters(trained(**STANDING))
    assert (from_scratch - parameters(began)).abs().max() > 0.1


def test_loss_goes_on_where_it_was(trained):
    longer = trained(name="longer", steps=40)
    was, random = losses(longer)[-5:], losses(longer)[0]
    began = losses(trained(f"--initial={longer['model']}"))[0]
    assert began < 1.2 * max(was) < 0.8 * random


def test_statistics_are_those_of_the_slices(trained, source, tmp_path):
    files = trained(f"--initial={source}")
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    normalisation = json.loads(files["card"].read_text())["normalisation"]
    assert normalisation == {key: statistics[key] for key in ("mean", "std")}


def test_record_and_card_name_the_model(trained, source):
    files = trained(f"--initial={source}")
    expected = {"path": str(source), "sha256": sha256_of(source)}
    for name in ("run", "card"):
        assert json.loads(files[name].read_text())["initial"] == expected
    load_model(files["model"], files["card"])
    files = trained()
    for name in ("run", "card"):
        assert "initial" not in json.loads(files[name].read_text())


def test_interrupted_training_is_resumed(trained, source, tmp_path, monkeypatch):
    options = f"--initial={source}"
    whole = trained(options, network={"dropout": 0.5})["model"].read_bytes()
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            trained(options, network={"dropout": 0.5})
    assert len([*tmp_path.glob("checkpoints/*/state.pt")]) == 1
    again = trained(options, network={"dropout": 0.5})["model"].read_bytes()
    assert again == whole


def test_another_model_or_none_never_resumes(trained, source, tmp_path, monkeypatch):
    cut_off(monkeypatch, after=3)
    for options in ([], [f"--initial={source}"], [f"--initial={source}"]):
        with pytest.raises(KeyboardInterrupt):
            trained(*options)
    assert len([*tmp_path.glob("checkpoints/*/state.pt")]) == 2
    write_model(source, NETWORK)  # other random weights
    with pytest.raises(KeyboardInterrupt):
        trained(f"--initial={source}")
    assert len([*tmp_path.glob("checkpoints/*/state.pt")]) == 3


def test_without_a_model_the_checkpoint_has_the_name_of_old(
    trained, tmp_path, monkeypatch
):
    cut_off(monkeypatch, after=3)
    monkeypatch.setattr(train, "code_version", lambda _: "the same")
    with pytest.raises(KeyboardInterrupt):
        trained(name="model")
    files = training_files(tmp_path, on_the_fly=True)
    without_affinities = {k: v for k, v in NETWORK.items() if k != "affinities"}
    identity = {
        "model": str(tmp_path / "model.safetensors"),
        "network": without_affinities | {"in_channels": 1},
        "training": DEFAULTS["training"],
        "seed": 0,
        "torch": torch.__version__,
        "code": "the same",
    }
    names = ("volume", "labels", "split", "augmentation", "weights", "statistics")
    expected = fingerprint(identity, [files[name] for name in names])
    (folder,) = tmp_path.glob("checkpoints/*")
    assert folder.name == expected


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({"width": 3}, r"width 3, expected 2 .*; change network.<name>.width, or name"),
        ({"in_channels": 3}, r"in_channels 3, expected 1 .*; change augmentation.<nam"),
        (
            {"classes": 4},
            "classes 4, expected 2 as the network to train; name a model of",
        ),
        (
            {"affinities": [[0, 0, 1]]},
            r"affinities \[\[0, 0, 1\]\], expected \[\] .*; change network.<name>.aff",
        ),
    ],
)
def test_another_network_is_refused_before_the_first_step(
    trained, tmp_path, network, words
):
    path = write_model(tmp_path / "other.safetensors", NETWORK | network)
    with pytest.raises(InputError, match=f"--initial is .*, whose network has {words}"):
        trained(f"--initial={path}")
    assert not (tmp_path / "checkpoints").exists()
    assert not (tmp_path / "model.safetensors").exists()


def test_damaged_model_is_refused(trained, source):
    content = bytearray(source.read_bytes())
    content[-1] ^= 1
    source.write_bytes(content)
    with pytest.raises(
        InputError, match=r"does not hold the weights .* sha256 is anot"
    ):
        trained(f"--initial={source}")


MADE = "results/cells/models/test/elastic_border_fast_source/seed0/model.safetensors"
BASE = f"""
run: {{datasets: [cells]}}
datasets: {{cells: {{source: phantom}}}}
augmentation: {{elastic: {{side: 256}}, three: {{neighbours: 1}}}}
weights: {{border: {{}}}}
network:
  fast: {{padding: same, depth: 3}}
  wide: {{width: 8}}
  drop: {{dropout: 0.1}}
training: {{source: {{}}, more: {{initial: {MADE}}}}}
inference: {{whole: {{}}}}
experiments:
  unet: {{augmentation: elastic, weights: border, network: fast, training: source,
         inference: whole}}
  continued: {{training: more}}
"""


def config_with(**sections):
    """Return BASE with some named settings added or replaced."""
    config = yaml.safe_load(BASE)
    for section, named in sections.items():
        config[section] |= named
    return complete(config)


def test_program_reads_the_same_settings_with_and_without_a_model():
    training = config_with()["training"]
    without, begun = (of_program(training[n], "training") for n in ("source", "more"))
    assert without == begun
    assert training["source"] == {**without, "initial": "none"}


def test_key_is_inherited_and_can_be_undone():
    training = {
        "source": {"initial": "a.safetensors"},
        "more": {"steps": 7},
        "anew": {"initial": "none"},
    }
    found = config_with(training=training)["training"]
    expected = {"source": "a.safetensors", "more": "a.safetensors", "anew": "none"}
    assert {name: found[name]["initial"] for name in expected} == expected


@pytest.mark.parametrize("network", ["fast", "drop"])
def test_model_of_the_same_network_passes(network):
    check_initial_models(
        config_with(experiments={"c": {"network": network, "training": "more"}})
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"network": "wide"},
            "width 64, expected 8 as the network to train; change ne",
        ),
        (
            {"augmentation": "three"},
            "in_channels 1, expected 3 .*; change augmentation",
        ),
    ],
)
def test_another_network_is_a_config_error(change, words):
    config = config_with(experiments={"other": {"training": "more"} | change})
    with pytest.raises(
        InputError,
        match=rf"^config: training.more.initial is {MADE}, whose network has {words}",
    ):
        check_initial_models(config)


@pytest.mark.parametrize(
    ("key", "value"),
    [("depth", 2), ("norm", "batch"), ("skip", "none"), ("space_to_depth", 2)],
)
def test_another_network_of_a_file_is_a_config_error(tmp_path, key, value):
    network = {"padding": "same", "depth": 3, "width": 2, "in_channels": 1}
    path = write_model(tmp_path / "a.safetensors", network | {key: value})
    fast = {"fast": {"padding": "same", "depth": 3, "width": 2}}
    training = {"more": {"initial": str(path)}}
    with pytest.raises(
        InputError, match=f"has {key} {value!r}, expected .* network.<n"
    ):
        check_initial_models(config_with(training=training, network=fast))
    write_model(path, network | {"padding": "valid", "dropout": 0.0})
    check_initial_models(config_with(training=training, network=fast))


@pytest.mark.parametrize(
    ("initial", "words"),
    [
        (MADE.replace("cells", "nerves"), "of datasets.nerves, which is not defined"),
        (MADE.replace("fast", "slow"), "of network.slow, which is not defined; define"),
        (MADE.replace("source", "more"), "begins with that same model; set initial: n"),
    ],
)
def test_model_that_cannot_be_made_is_refused(initial, words):
    config = config_with(training={"more": {"initial": initial}})
    with pytest.raises(
        InputError, match=f"training.more.initial is {initial}.* {words}"
    ):
        check_initial_models(config)


@pytest.mark.parametrize("initial", ["model.onnx", "", "None"])
def test_what_is_no_model_is_refused(initial):
    with pytest.raises(
        InputError, match=r"training.more.initial is .*, expected the f"
    ):
        config_with(training={"more": {"initial": initial}})


def test_missing_model_is_named_unless_the_workflow_makes_it(monkeypatch):
    assert missing_files(config_with()) == []
    monkeypatch.setenv("HOME", "/home/somebody")
    config = config_with(training={"more": {"initial": "~/a.safetensors"}})
    (line,) = missing_files(config)
    assert line.startswith(
        "training.more.initial: /home/somebody/a.safetensors does not exist; relative"
    )
    check_initial_models(config)  # Snakemake tells that it is missing
