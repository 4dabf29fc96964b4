"""Scores along a training, from the snapshots that it left beside its checkpoint."""

import shutil

import pandas as pd
import pytest

from workflow.project import copy_finished, planned, snakemake

CURVE = "results/phantom/curve/curve.csv"
MODEL = "results/phantom/models/test/demo_border_demo_demo/seed0/model.safetensors"
EXTRA = """
run: {curve: [{}, {weight_average: true, inference: single}]}
training: {demo: {snapshots: [2, 3]}}
"""


@pytest.fixture(scope="module")
def trained(finished, tmp_path_factory):
    """A finished project whose training kept snapshots; not to be changed."""
    folder = copy_finished(finished, tmp_path_factory.mktemp("trained") / "project")
    (folder / "config/extra.yaml").write_text(EXTRA)
    run = snakemake(folder, MODEL, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture
def project(trained, tmp_path):
    """A private copy of that project."""
    return copy_finished(trained, tmp_path / "project")


@pytest.mark.long
def test_every_snapshot_is_scored_as_the_config_says(project):
    run = snakemake(project, "curves", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    curve = pd.read_csv(project / CURVE)
    points = curve[["step", "weight_average", "inference"]]
    assert points.values.tolist() == [
        [2, False, "scales"],
        [3, False, "scales"],
        [2, True, "single"],
        [3, True, "single"],
    ]
    assert planned(project, "curves") == set()
    (place,) = project.glob("results/checkpoints/phantom_test_*/*/snapshots/step000003")
    shutil.copytree(place, place.with_name("step000004"))
    assert {"predict_snapshot", "curve"} <= planned(project, "curves")
    # The training itself may be unfinished or gone: snapshots are enough.
    shutil.rmtree(project / "results/phantom/models")
    assert "train" not in planned(project, "curves")


def test_another_version_of_the_code_starts_another_curve(project):
    (old,) = project.glob("results/checkpoints/phantom_test_*/*/snapshots")
    new = old.parents[1] / "0123456789abcdef/snapshots"
    (new / "step000002").mkdir(parents=True)
    for path in (old / "step000002").iterdir():
        (new / "step000002" / path.name).write_bytes(path.read_bytes())
    run = snakemake(project, "results/phantom/curve/points.json", "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    text = (project / "results/phantom/curve/points.json").read_text()
    assert "0123456789abcdef/snapshots/step000002" in text
    assert "step000003" not in text


def test_without_snapshots_the_curve_says_so(project):
    shutil.rmtree(project / "results/checkpoints")
    run = snakemake(project, "curves", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert pd.read_csv(project / CURVE).empty
