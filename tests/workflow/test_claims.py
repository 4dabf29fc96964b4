"""Verdicts on claims, from the trainings that have finished so far."""

import hashlib
import subprocess
import sys

import pandas as pd
import pytest

from workflow.project import copy_sources, planned, snakemake

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


@pytest.mark.long
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


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The sources alone, with what decides the claims as it is shipped."""
    return copy_sources(tmp_path_factory.mktemp("shipped"))


def plan_of_the_pilot(project, rows):
    """Plan the first trainings of the shipped claims beside known rows."""
    (project / "docs/data").mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(rows, columns=["arm", "seed", "design"])
    table.to_csv(project / "docs/data/claims.csv", index=False)
    command = "verdicts_pilot --dry-run --cores 1 --configfile config/claims.yaml"
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *command.split()],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_trainings_with_a_row_are_not_repeated_on_another_machine(shipped):
    design = hashlib.sha256((shipped / "config/claims.yaml").read_bytes()).hexdigest()
    run = plan_of_the_pilot(shipped, [("unet", seed, design) for seed in range(7)])
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    assert "usual-2000/seed7/model.safetensors" in output
    assert "usual-2000/seed0/model.safetensors" not in output


def test_rows_of_another_design_are_refused_before_anything_is_trained(shipped):
    run = plan_of_the_pilot(shipped, [("unet", 3, "0" * 64)])
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "claims.csv has a row of another design than" in output
    assert "unet, seed 3; undo what changed in that file" in output
