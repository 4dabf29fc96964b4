"""Predictions that average several networks: which trainings a run needs."""

import json

import pytest
import yaml

from workflow.project import snakemake

RUNS = "results/phantom/{}/fold0/demo_border_demo_demo{}/seed{}"


@pytest.fixture
def averaging(project):
    """A project whose reference averages two networks, for two seeds."""
    pairs = {"run": {"seeds": [0, 1]}, "inference": {"scales": {"networks": 2}}}
    (project / "config/extra.yaml").write_text(yaml.safe_dump(pairs))
    return project


def dry_run(project, target):
    """Return the shell commands that a dry run would execute."""
    run = snakemake(project, target, "--dry-run", "--printshellcmds", "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    return (run.stdout + run.stderr).splitlines()


def test_each_seed_averages_networks_of_its_own(averaging):
    scores = RUNS.format("predictions", "_scales", 1) + "/scores.csv"
    lines = dry_run(averaging, scores)
    (command,) = (line for line in lines if "predict.py" in line and "--model" in line)
    models, cards = (
        " ".join(f"{RUNS.format('models', '', seed)}/{file}" for seed in (2, 3))
        for file in ("model.safetensors", "model.json")
    )
    assert f"--model {models} --card {cards} " in command
    assert sum("train.py" in line and "--seed" in line for line in lines) == 2


@pytest.mark.long
def test_every_training_is_recorded(averaging):
    run = snakemake(averaging, "results/phantom/provenance.json", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    record = json.loads((averaging / "results/phantom/provenance.json").read_text())
    assert [training["seed"] for training in record["runs"]] == [0, 1, 2, 3]
