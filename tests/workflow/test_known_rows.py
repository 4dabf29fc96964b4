"""Runs whose rows are known are not made again."""

import pandas as pd
import pytest
import yaml

from unet2015.config.experiments import settings_hash
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from workflow.project import copy_sources, planned, snakemake

EXTRA = {"run": {"known": ["known.csv"]}, "training": {"longer": {"steps": 5}}}
EXTRA |= {"experiments": {"longer": {"training": "longer"}}}
FINISHED = "results/phantom/experiments/finished.csv"


@pytest.fixture
def sources(tmp_path):
    """The sources alone, with rows of both experiments that differ in steps alone."""
    project = copy_sources(tmp_path / "project")
    describe(project, EXTRA)
    names = ("config", "demo", "tiny", "extra")
    config = complete(read_overlays([project / f"config/{n}.yaml" for n in names]))
    rows = [
        ("phantom", name, "fold0", 0, settings_hash(config, "phantom", name, "fold0"))
        for name in config["experiments"]
    ]
    columns = ["dataset", "experiment", "split", "seed", "settings"]
    table = pd.DataFrame(rows, columns=columns)
    table.to_csv(project / "known.csv", index=False)
    return project


def describe(project, extra):
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))


def test_known_rows_take_the_place_of_trainings(sources):
    jobs = planned(sources, "experiments")
    assert {"rows", "effects", "choices", "figure_time_to_accuracy"} <= jobs
    assert not {"train", "predict", "evaluate"} & jobs


def test_a_run_without_a_row_is_made(sources):
    known = pd.read_csv(sources / "known.csv")
    known[known["experiment"] != "longer"].to_csv(sources / "known.csv", index=False)
    assert {"train", "predict", "evaluate", "rows"} <= planned(sources, "experiments")


def test_a_row_of_other_settings_is_refused_before_anything_is_trained(sources):
    describe(sources, {**EXTRA, "training": {"longer": {"steps": 6}}})
    run = snakemake(sources, "experiments", "--dry-run")
    assert run.returncode != 0
    assert "known.csv has a row of longer on fold0, seed 0" in run.stdout + run.stderr


def test_rows_that_are_not_there_are_named(sources):
    (sources / "known.csv").unlink()
    run = snakemake(sources, "experiments", "--dry-run")
    output = run.stdout + run.stderr
    assert run.returncode != 0 and "Traceback" not in output
    assert "run.known.0: known.csv does not exist; relative paths start from" in output
    assert "Missing input files" in output


@pytest.mark.long
def test_runs_are_rows_as_soon_as_they_have_finished(project):
    describe(project, {"experiments": {"longer": {"weights": "uniform"}}})
    scores = "results/phantom/predictions/fold0/demo_{}_demo_demo_scales/seed0"
    run = snakemake(project, f"{scores.format('uniform')}/scores.json", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    run = snakemake(project, "experiments_finished", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = pd.read_csv(project / FINISHED)
    assert set(rows["experiment"]) == {"longer", "no-weights"}  # by the same training
    assert planned(project, "experiments_finished") == set()
    # What is finished is taken as it is, whatever has changed since.
    again = planned(project, "experiments_finished", "--forceall")
    assert again == {"experiment_runs", "rows", "experiments_finished"}
