"""Trainings of networks with affinities, from the files to the model."""

import csv
import io
import json

import pytest
from training_files import (
    DEFAULTS,
    OUTPUTS,
    call,
    cut_off,
    store_samples,
    training_files,
    write_settings,
    write_slices,
)

import train
from unet2015.errors import InputError

OFFSETS = [[0, 0, 1], [0, 1, 0], [0, 5, -3]]


@pytest.fixture
def program(tmp_path):
    """Train with affinities; return the contents of the outputs by name."""
    write_slices(tmp_path)

    def run(
        offsets=OFFSETS, on_the_fly=True, network=None, augmentation=None, **changes
    ):
        stages = {stage: {} for stage in DEFAULTS}
        stages["network"] = {"affinities": offsets, **(network or {})}
        stages |= {"augmentation": augmentation or {}, "training": changes}
        write_settings(tmp_path, **stages)
        files = training_files(tmp_path, on_the_fly)
        call(train, files, "--checkpoint-seconds=-1", "--device=cpu", "--threads=1")
        return {name: files[name].read_bytes() for name in OUTPUTS}

    return run


def losses(found):
    rows = csv.DictReader(io.StringIO(found["history"].decode()))
    return [float(row["loss"]) for row in rows]


@pytest.mark.slow
def test_training_reduces_the_affinity_loss(program):
    alone = [  # what the affinities add to the loss of a training step
        losses(program(steps=1, affinity_loss=weight, dice_loss=weight))[0]
        for weight in (0.0, 100.0)
    ]
    assert alone[1] - alone[0] > 50
    weights = {"affinity_loss": 100.0, "dice_loss": 100.0}
    found = losses(program(network={"width": 8}, steps=100, **weights))
    assert sum(found[-10:]) < 0.6 * sum(found[:10])


@pytest.mark.slow
def test_card_names_the_offsets(program):
    card = json.loads(program()["card"])
    assert card["architecture"]["affinities"] == OFFSETS


def test_unpadded_network_is_trained_too(program):
    augmentation = {"side": 18}
    found = program(steps=2, augmentation=augmentation, network={"padding": "valid"})
    assert len(losses(found)) == 2


def test_resumed_training_gives_the_undisturbed_model(program, monkeypatch):
    whole = program()
    with monkeypatch.context() as patch:
        cut_off(patch, after=4)
        with pytest.raises(KeyboardInterrupt):
            program()
    again = program()
    assert again["model"] == whole["model"]
    assert losses(again) == losses(whole)


def test_offsets_between_slices_are_trained_where_the_next_one_is(program, tmp_path):
    changes = {"steps": 1, "augmentation": {"neighbours": 1}}
    added = []
    for slices in ([0, 1, 2], [0, 2]):
        split = {"train": {"stack": "train", "slices": slices}}
        (tmp_path / "split.json").write_text(json.dumps(split))
        pair = [program([[1, 0, 0]], **changes | {"affinity_loss": w}) for w in (0, 1)]
        added.append(losses(pair[1])[0] - losses(pair[0])[0])
    assert added[0] > 0.1
    assert added[1] == 0


def test_stored_samples_are_refused(program, tmp_path):
    write_settings(tmp_path, **{stage: {} for stage in DEFAULTS})
    store_samples(tmp_path)
    message = "stored and the network has 3 affinities, expected .*on_the_fly to true"
    with pytest.raises(InputError, match=message):
        program(on_the_fly=False)


def test_opposite_offsets_are_refused(program):
    message = r"network.json: affinities has the offsets .*leave it out"
    with pytest.raises(InputError, match=message):
        program([[0, 1, 2], [0, -1, -2]])
