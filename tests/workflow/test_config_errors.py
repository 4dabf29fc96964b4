"""A wrong config stops Snakemake before any job, with one clear message."""

import subprocess
import sys

import pytest
import yaml

from workflow.project import copy_sources, snakemake


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return copy_sources(tmp_path_factory.mktemp("sources"))


def test_message_names_key_bound_and_cure(sources):
    extra = sources / "config/extra.yaml"
    extra.write_text(yaml.safe_dump({"network": {"demo": {"width": 0}}}))
    run = snakemake(sources, "--dry-run", "--cores", "1")
    extra.unlink()
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "network.demo.width is 0, expected at least 1" in output
    assert "Traceback" not in output
    assert not (sources / "results").exists()


def test_demo_is_planned_in_another_folder(sources, tmp_path):
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1"]
    run = subprocess.run(
        [*command, "--configfile", "config/demo.yaml", "--directory", tmp_path],
        cwd=sources,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "results/phantom/report.html" in run.stdout + run.stderr
