"""Verdicts on claims, from the trainings that have finished so far."""

import hashlib

import pandas as pd
import pytest

from workflow.project import planned, snakemake

RUNS = "results/phantom/predictions/test/demo_{}_demo_demo_scales/seed0/further.json"
ROWS = "results/phantom/claims/finished/rows.csv"
EXTRA = """
run: {splits: [test], allow_test_split: true, seeds: [0, 1]}
experiments:
  no-border-weight:
    claim: {sentence: The border weight helps, endpoint: v_rand, margin: 0.002}
"""


@pytest.fixture
def project(project):
    """A finished project with a claim."""
    (project / "config/extra.yaml").write_text(EXTRA)
    return project


def test_trainings_are_rows_as_soon_as_they_have_finished(project):
    targets = [RUNS.format("border"), RUNS.format("balance")]
    for count, path in enumerate(targets, start=1):
        run = snakemake(project, path, "--cores", "2")
        assert run.returncode == 0, run.stdout + run.stderr
        run = snakemake(project, "verdicts_finished", "--cores", "2")
        assert run.returncode == 0, run.stdout + run.stderr
        assert len(pd.read_csv(project / ROWS)) == count
    assert planned(project, "verdicts_finished") == set()
    rows = pd.read_csv(project / ROWS)
    assert rows["arm"].tolist() == ["no-border-weight", "unet"]
    design = hashlib.sha256((project / "config/extra.yaml").read_bytes()).hexdigest()
    assert set(rows["design"]) == {design}
    text = (project / "results/phantom/claims/finished/claims.md").read_text()
    assert "| The border weight helps | **not trained yet** | V_Rand |" in text


def test_the_pilot_trains_the_reference_alone(project):
    run = snakemake(project, "verdicts_pilot", "--dry-run", "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "demo_border_demo_demo/seed7/model.safetensors" in run.stdout + run.stderr
    assert "demo_balance_demo_demo" not in run.stdout + run.stderr
