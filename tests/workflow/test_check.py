"""The check of a dataset comes before its training, and a stop trains nothing."""

import numpy as np
import pytest
import yaml
from unit.tissue import tissue

from unet2015.data.tiff import write_stack
from workflow.project import copy_sources, planned, snakemake


def own(labels):
    """Return a dataset of your own with these training labels."""

    def write(folder):
        volume, _ = tissue(3, 96)
        write_stack(folder / "raw.tif", volume)
        write_stack(folder / "truth.tif", labels)
        files = {"train-volume": "raw.tif", "test-volume": "raw.tif"}
        files = {**files, "train-labels": "truth.tif"}
        entry = {"source": "files", "interior": "bright", "files": files}
        return {"run": {"datasets": ["mine"]}, "datasets": {"mine": entry}}

    return write


STOPPED = {
    "one class": ("mine", own(np.full((3, 96, 96), 255, np.uint8)), "expected both"),
    "fewer slices than folds": (
        "phantom",
        lambda _: {"run": {"folds": 4}},
        "has 3 slices, fewer than the 4 folds",
    ),
}


@pytest.mark.parametrize("case", STOPPED)
def test_a_stop_trains_nothing(tmp_path, case):
    dataset, write, words = STOPPED[case]
    project = copy_sources(tmp_path / "project")
    (project / "config/extra.yaml").write_text(yaml.safe_dump(write(project)))
    run = snakemake(project, "--cores", "2", "--keep-going")
    assert run.returncode != 0
    (line,) = {
        line
        for line in (run.stdout + run.stderr).splitlines()
        if line.startswith("error: ")
    }
    assert words in line
    results = project / f"results/{dataset}"
    assert (results / "data/train-volume.tif").exists()
    made = {path.name for path in results.iterdir()}
    assert not made & {"splits", "samples", "statistics", "models", "check.html"}


def test_splits_wait_and_the_page_comes_before_the_training(finished):
    folder = finished / "results/phantom"
    names = ("data/usable.json", "splits/test.json")
    stamps = [(folder / name).stat().st_mtime for name in names]
    assert stamps == sorted(stamps)
    (model,) = folder.glob("models/test/*/seed0/model.safetensors")
    assert (folder / "check.html").stat().st_mtime < model.stat().st_mtime


def test_a_check_that_is_made_again_trains_nothing(finished):
    assert planned(finished, "--forcerun", "check") == {"check", "report"}


def test_the_report_links_to_the_check(finished):
    page = (finished / "results/phantom/report.html").read_text()
    assert '<a href="check.html">Check of the data</a>' in page


def test_verified_pixels_wait_for_no_check(finished):
    split = "results/isbi2012/splits/test.json"
    assert planned(finished, split) == {"download", "split"}
