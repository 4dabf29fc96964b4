"""Samples drawn during the training: no stored samples, the same results."""

import shutil

import pytest

from workflow.project import planned, snakemake

ONLINE = "augmentation: {demo: {online: true}}"
MODEL = "results/phantom/models/test/demo_border_demo_demo/seed0/model.safetensors"


@pytest.fixture
def online(project):
    """A finished project, without its samples, that is then set to draw them."""
    shutil.rmtree(project / "results/phantom/samples")
    (project / "config/extra.yaml").write_text(ONLINE)
    return project


def test_no_sample_is_stored_and_the_model_stays_the_same(finished, online):
    rules = planned(online)
    assert "train_online" in rules
    assert not rules & {"augment", "weight_maps", "train", "training_statistics"}
    run = snakemake(online, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (online / "results/phantom/samples").exists()
    assert (online / MODEL).read_bytes() == (finished / MODEL).read_bytes()
    scores = "results/phantom/tables/scores.csv"
    assert (online / scores).read_bytes() == (finished / scores).read_bytes()
    assert planned(online) == set()


def test_samples_are_drawn_anew_for_what_changes_them(online):
    targets = [MODEL]
    snakemake(online, *targets, "--cores", "2")
    for stage, change in (
        ("weights", "border: {w0: 9}"),
        ("augmentation", "demo: {online: true, std: 4}"),
    ):
        text = f"{stage}: {{{change}}}"
        extra = text if stage == "augmentation" else f"{ONLINE}\n{text}"
        (online / "config/extra.yaml").write_text(extra)
        assert planned(online, *targets) == {"settings", "train_online"}


def test_stored_experiments_stand_beside_drawn_ones(online):
    rules = planned(online, "experiments")
    assert {"train_online", "train", "augment", "weight_maps"} <= rules
