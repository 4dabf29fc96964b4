"""The whole workflow, disturbed: the results are those of an undisturbed run."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from faults.stages import results
from waiting import wait_until

from workflow.project import copy_sources, snakemake

REPRODUCED = ("*.safetensors", "*.npy", "*.tif", "*.csv", "*.md", "*.tex", "*.png")
MEASURED = ("benchmarks", "logs", "run_times.md", "history.csv", "training_curves.png")
"""Paths that hold times."""

ASCII_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

DONE_ANEW = ("samples", "models", "predictions", "tables", "figures", "report.html")
"""What the run that is killed has to make again."""


def reproduced(project):
    """Return what must be the same in every run of a project, by relative path."""
    return {
        path: content
        for path, content in results(project / "results").items()
        if any(path.endswith(pattern[1:]) for pattern in REPRODUCED)
        and not any(part in path for part in MEASURED)
    }


def test_work_is_planned_in_an_ascii_locale(tmp_path):
    run = snakemake(copy_sources(tmp_path / "größe in µm"), "--dry-run", **ASCII_LOCALE)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.long
def test_another_folder_language_and_no_network_give_the_same_bytes(finished, tmp_path):
    folder = copy_sources(tmp_path / "größe in µm, 100 %")
    nowhere = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), nowhere)
    run = snakemake(folder, "--cores", "2", **ASCII_LOCALE, **proxies)
    assert run.returncode == 0, run.stdout + run.stderr
    found, expected = reproduced(folder), reproduced(finished)
    assert found == expected
    names = {path.rsplit("/", 1)[1] for path in found}
    assert {"model.safetensors", "probability.tif", "scores.csv", "table1.md"} <= names


@pytest.mark.long
def test_killed_workflow_goes_on_and_a_second_one_is_locked_out(finished, project):
    expected = reproduced(project)
    for name in DONE_ANEW:
        path = project / "results/phantom" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    configs = ["config/demo.yaml", "config/tiny.yaml"]
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile"]
    first = subprocess.Popen(
        [*command, *configs],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: list(project.glob("results/checkpoints/*")), 300, first)
    second = snakemake(project, "--cores", "2")
    assert second.returncode != 0
    assert "cannot be locked" in (second.stdout + second.stderr).lower()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert snakemake(project, "--unlock").returncode == 0
    run = snakemake(project, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    assert reproduced(project) == expected == reproduced(finished)
    assert not list((project / "results").rglob(".*"))
    assert not list((project / "results").glob("checkpoints/*"))
