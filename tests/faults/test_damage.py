"""Files that are truncated, empty or altered by a bit: never a wrong result."""

import json
import os
import shutil
import signal
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from faults.stages import commands, copy, options, results

READS = {
    "augment": ["volume.tif", "truth.tif", "split.json", "augmentation.json"],
    "weight_maps": ["labels.npy", "statistics.json", "weights.json"],
    "train": ["images.npy", "labels.npy", "weights.npy", "network.json"],
    "predict": ["model.safetensors", "model.json", "volume.tif", "inference.json"],
    "evaluate": ["truth.tif", "probability.tif", "split.json"],
    "table_scores": ["scores.csv"],
}
READ = [(stage, name) for stage, names in READS.items() for name in names]
CURES = ("again", "delete", "by ", "expected", "check the path", "cannot be read")


@pytest.fixture
def spoilt(undisturbed, tmp_path):
    """A copy of the folder in which all stages have run."""
    return copy(undisturbed, tmp_path / "work")


def rerun(zygote, folder, stage, **order):
    """Run a stage again."""
    given, made = commands()[stage]
    return zygote.run(folder, stage, *given, *options(**made), **order)


def forget(folder, stage):
    """Delete the outputs of a stage."""
    for path in commands()[stage][1].values():
        (folder / path).unlink(missing_ok=True)


def refused(end, name):
    """Tell whether a program named the file in one line, and how to mend it."""
    last = end.messages.splitlines()[-1]
    assert "Traceback" not in end.messages
    assert last.startswith("error: "), end.messages
    assert name in last, last
    assert any(cure in last for cure in CURES), last
    return end.status == 1


@pytest.mark.parametrize(("stage", "name"), READ)
def test_truncated_file_is_refused(zygote, spoilt, stage, name):
    forget(spoilt, stage)
    before = sorted(spoilt.rglob("*"))
    path = spoilt / name
    os.truncate(path, path.stat().st_size // 2)
    assert refused(rerun(zygote, spoilt, stage), name)
    assert sorted(spoilt.rglob("*")) == before


def flip(path, place):
    """Invert one bit; `place` is in 0..1."""
    content = bytearray(path.read_bytes())
    bit = int(place * 8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


CHECKED = [  # files with a checksum
    ("predict", "model.safetensors"),
    ("evaluate", "probability.tif"),
]


@pytest.mark.long
@pytest.mark.parametrize(("stage", "name"), CHECKED)
def test_altered_bit_is_refused_or_without_effect(
    zygote, spoilt, undisturbed, stage, name
):
    random = np.random.default_rng(CHECKED.index((stage, name)))
    found = 0
    for place in [0.0, 0.999999, *random.random(4)]:
        forget(spoilt, stage)
        shutil.copyfile(undisturbed / name, spoilt / name)
        flip(spoilt / name, place)
        end = rerun(zygote, spoilt, stage)
        if end.status == 0:  # padding, or text that nobody reads
            shutil.copyfile(undisturbed / name, spoilt / name)
            assert results(spoilt) == results(undisturbed)
        else:
            found += refused(end, name)
    assert found >= 4


def checkpoint_of(zygote, folder):
    """Train a few steps; return the checkpoint."""
    forget(folder, "train")
    end = rerun(zygote, folder, "train", die_at=25)  # four calls a step
    assert end.status == -signal.SIGKILL
    (checkpoint,) = folder.glob("checkpoints/*/state.pt")
    return checkpoint


@pytest.mark.long
def test_damaged_checkpoint_starts_the_training_over(zygote, spoilt, undisturbed):
    checkpoint = checkpoint_of(zygote, spoilt)
    intact = checkpoint.read_bytes()
    with zipfile.ZipFile(checkpoint) as archive:
        largest = max(archive.infolist(), key=lambda info: info.compress_size)
    weights = (largest.header_offset + largest.compress_size) / len(intact)
    damages = [lambda: os.truncate(checkpoint, len(intact) // 2)]
    damages += [lambda: os.truncate(checkpoint, 0)]
    damages += [lambda: flip(checkpoint, weights)]
    for damage in damages:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.write_bytes(intact)
        damage()
        forget(spoilt, "train")
        end = rerun(zygote, spoilt, "train")
        assert end.status == 0, end.messages
        assert "state.pt cannot be read" in end.messages
        assert "starting over" in end.messages
        assert results(spoilt) == results(undisturbed)


def test_intact_checkpoint_is_used(zygote, spoilt, undisturbed):
    checkpoint_of(zygote, spoilt)
    assert "at step 6" in rerun(zygote, spoilt, "train").messages
    assert results(spoilt) == results(undisturbed)


@pytest.mark.long
def test_altered_bits_of_a_checkpoint_have_no_effect(zygote, spoilt, undisturbed):
    checkpoint = checkpoint_of(zygote, spoilt)
    intact = checkpoint.read_bytes()
    random = np.random.default_rng(0)
    for place in random.random(5):
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.write_bytes(intact)
        flip(checkpoint, place)
        forget(spoilt, "train")
        end = rerun(zygote, spoilt, "train")
        assert end.status == 0, end.messages
        assert results(spoilt) == results(undisturbed)


def test_checkpoint_of_something_else_is_refused(zygote, spoilt):
    checkpoint = checkpoint_of(zygote, spoilt)
    torch.save({"model": {}, "step": 3}, checkpoint)
    end = rerun(zygote, spoilt, "train")
    assert refused(end, "state.pt") and "delete it" in end.messages


def test_weights_of_another_training_are_refused(zygote, spoilt):
    weights = load_file(spoilt / "model.safetensors")
    save_file({k: v + 1 for k, v in weights.items()}, spoilt / "model.safetensors")
    assert refused(rerun(zygote, spoilt, "predict"), "model.safetensors")


def test_scores_lose_no_line_unnoticed(zygote, spoilt):
    lines = (spoilt / "scores.csv").read_text().splitlines(keepends=True)
    for lost in (1, len(lines) // 2, len(lines) - 1):
        kept = [*lines[:lost], *lines[lost + 1 :]]
        (spoilt / "scores.csv").write_text("".join(kept))
        assert refused(rerun(zygote, spoilt, "table_scores"), "scores.csv")
    (spoilt / "scores.csv").write_text("".join(lines))
    assert rerun(zygote, spoilt, "table_scores").status == 0
    assert json.loads((spoilt / "scores.json").read_text())
