"""A wrong config stops Snakemake before any job, with one clear message."""

import subprocess
import sys

import pytest
import yaml

from workflow.project import copy_sources, snakemake

CASES = [
    ({"traning": {}}, ["traning", "did you mean training?"]),
    ({"training": {"demo": {"steps": "many"}}}, ["training.demo.steps", "integer"]),
    ({"network": {"demo": {"width": 0}}}, ["network.demo.width", "at least 1"]),
    (
        {"experiments": {"unet": {"weights": "broder"}}},
        ["broder", "balance, border"],
    ),
    ({"augmentation": {"demo": {"side": 63}}}, ["side of 63 px", "56 and 64"]),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return copy_sources(tmp_path_factory.mktemp("sources"))


@pytest.mark.parametrize(("sections", "words"), CASES)
def test_message_names_key_bound_and_cure(sources, sections, words):
    (sources / "config/extra.yaml").write_text(yaml.safe_dump(sections))
    run = snakemake(sources, "--dry-run", "--cores", "1")
    output = run.stdout + run.stderr
    assert run.returncode != 0
    for word in words:
        assert word in output
    assert "Traceback" not in output
    assert not (sources / "results").exists()


def plan(folder, *arguments):
    """Plan the demo of a project by its file alone."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1"]
    return subprocess.run(
        [*command, "--configfile", "config/demo.yaml", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_is_planned_in_another_folder(sources, tmp_path):
    run = plan(sources, "--directory", str(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "results/phantom/report.html" in run.stdout + run.stderr


def test_overlay_alone_says_which_file_was_not_loaded(sources):
    run = plan(sources, "--replace-workflow-config")
    assert run.returncode != 0
    message = "add it, or give config/config.yaml as well, which was not loaded"
    assert f"config: lacks datasets, inference, weights; {message}" in run.stdout
