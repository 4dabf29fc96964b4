"""What a finished run leaves behind, and the states between labels and none."""

import json

import pandas as pd
import pytest
import yaml

from unet2015.data.stacks import read_labels, read_probability
from unet2015.network.processor import processor
from workflow.project import copy_finished, copy_sources, planned, snakemake


def test_table1_has_the_promised_columns(finished):
    table = pd.read_csv(finished / "results/phantom/tables/table1.csv")
    assert ",".join(table.columns) == (
        "method,warping_error,rand_error,pixel_error,v_rand,v_info"
    )
    ours = table.iloc[-1]
    assert ours["method"].startswith("unet2015")
    assert table.iloc[-1:, 1:].notna().all(axis=None)
    for suffix in ("md", "tex"):
        assert (finished / f"results/phantom/tables/table1.{suffix}").stat().st_size


def test_scores_are_tidy(finished):
    scores = pd.read_csv(finished / "results/phantom/scores/reference.csv")
    assert list(scores.columns) == [
        "dataset",
        "split",
        "experiment",
        "seed",
        "slice",
        "metric",
        "threshold",
        "value",
    ]
    assert set(scores["slice"]) == {"0", "1", "2", "all"}
    assert set(scores["metric"]) == {
        "pixel_error",
        "rand_error",
        "warping_error",
        "v_rand",
        "v_info",
    }


def test_report_is_self_contained_and_complete(finished):
    page = (finished / "results/phantom/report.html").read_text()
    assert page.count('src="data:image/png;base64,') == 8
    assert 'src="http' not in page and "<script" not in page and "<link" not in page
    record = json.loads((finished / "results/phantom/provenance.json").read_text())
    for fact in (
        record["commit"],
        record["packages"]["torch"],
        record["runs"][0]["device"],
        record["data"]["stacks"]["test-volume"]["sha256"],
        "seed 0",
    ):
        assert fact in page


def test_run_times_tell_of_every_stage(finished):
    text = (finished / "results/phantom/tables/run_times.md").read_text()
    for stage in ("draw the samples", "weight maps", "training", "prediction"):
        assert f"| {stage} | 1 | " in text


def test_log_holds_what_a_program_cannot_say_itself(project):
    program = project / "scripts/table1.py"
    program.write_text(program.read_text().replace("import sys", "import nowhere"))
    run = snakemake(project, "--cores", "1")
    assert run.returncode != 0
    log = (project / "results/phantom/logs/table1.log").read_text()
    assert "ModuleNotFoundError: No module named 'nowhere'" in log
    assert log in run.stdout + run.stderr


def test_lists_of_runs_are_longer_than_a_command_may_be(tmp_path):
    project = copy_sources(tmp_path / "project")
    experiments = {f"experiment-{n}": {"weights": "uniform"} for n in range(100)}
    extra = {"experiments": experiments, "run": {"seeds": list(range(8))}}
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    path = "results/phantom/experiments/rows.json"
    run = snakemake(project, path, "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    listed = (project / path).read_text()
    assert len(listed) > 128 * 1024
    assert len(json.loads(listed)) == 8 * (100 + 5)


def test_no_checkpoint_and_no_temporary_file_is_left(finished):
    checkpoints = finished / "results/checkpoints"
    assert not checkpoints.exists() or not list(checkpoints.iterdir())
    assert not [p for p in (finished / "results").rglob(".*")]


PAGE = "results/phantom/experiments.html"


@pytest.fixture(scope="module")
def compared(finished, tmp_path_factory):
    """A finished project with its experiments, on one thread; not to be changed."""
    folder = copy_finished(finished, tmp_path_factory.mktemp("compared") / "project")
    (folder / "config/extra.yaml").write_text("run: {threads: 1}")
    run = snakemake(folder, "experiments", PAGE, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.mark.long
def test_experiments_share_stages_and_are_reported(compared):
    project = compared
    summary = pd.read_csv(project / "results/phantom/experiments/summary.csv")
    assert list(summary["experiment"]) == [
        "unet",
        "no-average",
        "no-border-weight",
        "no-elastic",
        "no-weights",
    ]
    effects = pd.read_csv(project / "results/phantom/experiments/effects.csv")
    assert list(effects["experiment"].unique()) == list(summary["experiment"][1:])
    assert len(effects) == 4 * 5
    choices = pd.read_csv(project / "results/phantom/experiments/choices.csv")
    assert list(choices["experiment"]) == list(summary["experiment"][1:])
    text = (project / "results/phantom/experiments/effects.md").read_text()
    assert "no-border-weight" in text.split("\n\n")[0]
    assert (project / "results/phantom/experiments/forest.pdf").stat().st_size
    assert not (project / "results/phantom/experiments/time_to_accuracy.png").exists()
    models = list(
        project.glob("results/phantom/models/fold0/*/seed0/model.safetensors")
    )
    assert len(models) == 4  # without the average, the reference's model is used
    records = [json.loads(model.with_name("run.json").read_text()) for model in models]
    assert {record["device"] for record in records} == {f"{processor()}, 1 threads"}
    page = (project / PAGE).read_text()
    assert page.index("no-border-weight") < page.index('id="table1"')


@pytest.mark.long
def test_trainings_of_different_length_are_drawn_against_their_time(compared, tmp_path):
    project = copy_finished(compared, tmp_path / "project")
    demo = yaml.safe_load((project / "config/demo.yaml").read_text())
    extra = {
        "training": {"longer": {**demo["training"]["demo"], "steps": 5}},
        "experiments": {"longer": {"training": "longer"}},
        "run": {"threads": 1},
    }
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    figure = "results/phantom/experiments/time_to_accuracy.png"
    run = snakemake(project, figure, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (project / figure).stat().st_size > 5000
    assert "effects" in planned(project, "experiments")
    (project / figure).unlink()
    assert "figure_time_to_accuracy" in planned(project, "experiments")


@pytest.mark.long
def test_crossvalidation_adds_thresholds_chosen_on_the_folds(compared, tmp_path):
    project = copy_finished(compared, tmp_path / "project")
    run = snakemake(project, "crossvalidation", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    results = project / "results/phantom"
    folds = pd.read_csv(results / "scores/folds.csv")
    assert set(folds["split"]) == {"fold0", "fold1"}
    thresholds = pd.read_csv(results / "tables/thresholds.csv")
    assert len(thresholds) == 5
    # The test stack has no more slices than one block: it says nothing of others.
    known = thresholds.drop(columns=["slice_low", "slice_high"])
    assert known.notna().all(axis=None)
    page = (results / "crossvalidation.html").read_text()
    assert "Thresholds chosen in advance" in page


@pytest.mark.long
def test_own_stacks_without_test_labels(finished, tmp_path):
    project = copy_sources(tmp_path)
    data = finished / "results/phantom/data"
    files = {n: str(data / f"{n}.tif") for n in ("train-volume", "train-labels")}
    files["test-volume"] = str(data / "test-volume.tif")
    extra = {
        "run": {"datasets": ["lab"]},
        "datasets": {"lab": {"source": "files", "files": files}},
    }
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    run = snakemake(project, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    results = project / "results/lab"
    table = pd.read_csv(results / "tables/table1.csv")
    assert table.iloc[-1, 1:].isna().all()
    assert "not available" in (results / "tables/table1.md").read_text()
    assert (read_labels(results / "data/test-labels.tif") == 127).all()
    submission = next(results.glob("predictions/test/*/seed0/probability.tif"))
    assert (
        str(submission.relative_to(project))
        in (results / "tables/table1.md").read_text()
    )
    assert read_probability(submission).shape == (3, 96, 96)


def test_labels_that_the_grey_levels_contradict_stop_the_run(finished, tmp_path):
    from unet2015.data.tiff import read_stack, write_stack

    project = copy_sources(tmp_path)
    data = finished / "results/phantom/data"
    inverted = tmp_path / "inverted.tif"
    write_stack(inverted, 255 - read_stack(data / "train-labels.tif"))
    negative = tmp_path / "negative.tif"
    write_stack(negative, 255 - read_stack(data / "train-volume.tif"))
    files = {
        "train-volume": str(negative),
        "train-labels": str(inverted),
        "test-volume": str(data / "test-volume.tif"),
    }
    extra = {
        "run": {"datasets": ["lab"]},
        "datasets": {"lab": {"source": "files", "files": files}},
    }
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    run = snakemake(project, "--cores", "2")
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "set datasets.<name>.interior to bright if 255 is cell interior" in output
    assert not (project / "results/lab/data/train-labels.tif").exists()


def test_corrupt_mirror_stops_the_run(tmp_path):
    project = copy_sources(tmp_path / "project")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for name in ("train-volume", "train-labels", "test-volume", "test-labels"):
        (mirror / f"{name}.tif").write_text("<html>not found</html>")
    extra = {"run": {"datasets": ["isbi2012"]}}
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    run = snakemake(project, "--cores", "2", UNET2015_MIRROR=str(mirror))
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "UNET2015_MIRROR" in output and "train-volume" in output
    assert not list(project.glob("results/isbi2012/data/*"))
