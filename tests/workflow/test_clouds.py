"""Dry runs with the profiles for clouds, a folder in place of the bucket.

Nothing is submitted: what is tested are the keys, the plugins that they belong to,
and that code and captions are all that must be copied to the bucket.
"""

import os
import shutil
import subprocess
import sys

import pytest
from lacking import refuse

from workflow.project import ROOT, copy_sources

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def snakemake(tmp_path_factory):
    """Snakemake in an environment of its own."""
    folder = tmp_path_factory.mktemp("environment")
    lock = ROOT / "envs/cloud.lock"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "-r", lock]
    run = subprocess.run(pip, capture_output=True, text=True, check=False)
    if run.returncode:
        refuse(f"envs/cloud.lock: {run.stderr.strip()[-500:]}")
    return folder / "bin/snakemake"


@pytest.mark.parametrize("profile", ["kubernetes", "aws-batch"])
def test_profile_plans_the_whole_workflow(snakemake, profile, tmp_path):
    folder = copy_sources(tmp_path / "project")
    bucket = tmp_path / "bucket"
    for name in ("scripts", "workflow/report"):
        shutil.copytree(folder / name, bucket / name)
    options = ["--profile", f"workflow/profiles/{profile}", "--dry-run"]
    storage = ["--default-storage-provider=fs", f"--default-storage-prefix={bucket}"]
    configs = ["--configfile", "config/demo.yaml", "config/tiny.yaml"]
    run = subprocess.run(
        [snakemake, *options, *storage, *configs],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "UNET2015_MIRROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    assert "Train: demo network, demo training, test, seed 0" in output
    assert f"{bucket}/results/phantom/report.html (in storage)" in output
