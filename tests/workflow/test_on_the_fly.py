"""Samples drawn during the training: no stored samples, the same results."""

import shutil

import pytest

from workflow.project import planned, snakemake

ON_THE_FLY = "augmentation: {demo: {on_the_fly: true}}"
MODEL = "results/phantom/models/test/demo_border_demo_demo/seed0/model.safetensors"
SCORES = "results/phantom/scores/reference.csv"


@pytest.fixture
def on_the_fly(project):
    """A finished project, without its samples, that is then set to draw them."""
    shutil.rmtree(project / "results/phantom/samples")
    (project / "config/extra.yaml").write_text(ON_THE_FLY)
    return project


@pytest.mark.long
def test_drawn_samples_are_not_stored_and_give_the_same_model(finished, on_the_fly):
    rules = planned(on_the_fly)
    assert "train" in rules
    assert not rules & {"augment", "weight_maps", "training_statistics"}
    run = snakemake(on_the_fly, MODEL, SCORES, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (on_the_fly / "results/phantom/samples").exists()
    assert (on_the_fly / MODEL).read_bytes() == (finished / MODEL).read_bytes()
    assert (on_the_fly / SCORES).read_bytes() == (finished / SCORES).read_bytes()
    assert planned(on_the_fly, MODEL, SCORES) == set()
    for stage, change in (
        ("weights", "border: {w0: 9}"),
        ("augmentation", "demo: {on_the_fly: true, displacement_std: 4}"),
    ):
        text = f"{stage}: {{{change}}}"
        extra = text if stage == "augmentation" else f"{ON_THE_FLY}\n{text}"
        (on_the_fly / "config/extra.yaml").write_text(extra)
        assert planned(on_the_fly, MODEL) == {"settings", "train"}


def test_stored_experiments_stand_beside_drawn_ones(on_the_fly):
    rules = planned(on_the_fly, "experiments")
    assert "train" in rules
    assert not rules & {"augment", "weight_maps"}  # what it inherits
    stored = "demo-rigid: {on_the_fly: false}"
    (on_the_fly / "config/extra.yaml").write_text(
        f"augmentation: {{demo: {{on_the_fly: true}}, {stored}}}"
    )
    rules = planned(on_the_fly, "experiments")
    assert {"train", "augment", "weight_maps"} <= rules
