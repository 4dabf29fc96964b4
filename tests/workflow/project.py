"""A copy of the project in a temporary folder, and Snakemake run in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("workflow", "scripts", "config", "envs")

TINY = """
run: {datasets: [phantom], seeds: [0], splits: [fold0], folds: 2}
datasets:
  phantom: {source: phantom, phantom: {seed: 1, slices: 3, side: 96}}
augmentation:
  demo: {samples: 6, side: 64}
network:
  demo: {width: 4, depth: 2}
training:
  demo: {steps: 3}
"""
"""Overlays config/demo.yaml: seconds instead of minutes."""


def copy_sources(folder: Path) -> Path:
    """Copy the sources into `folder`, with new modification times."""
    for name in SOURCES:
        shutil.copytree(
            ROOT / name,
            folder / name,
            copy_function=shutil.copyfile,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    (folder / "config/tiny.yaml").write_text(TINY)
    return folder


def copy_finished(finished: Path, folder: Path) -> Path:
    """Copy a finished project with its results, times kept."""
    shutil.copytree(finished, folder)
    return folder


def snakemake(folder: Path, *arguments: str, **variables: str):
    """Run Snakemake in `folder` with the tiny config; return the finished process."""
    configs = ["config/demo.yaml", "config/tiny.yaml"]
    if (folder / "config/extra.yaml").exists():
        configs.append("config/extra.yaml")
    environment = {k: v for k, v in os.environ.items() if k != "UNET2015_MIRROR"}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments, "--configfile", *configs],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def planned(folder: Path, *targets: str) -> set[str]:
    """Return the rules that a dry run would execute."""
    run = snakemake(folder, *targets, "--dry-run", "--cores", "1")
    output = run.stdout + run.stderr
    assert run.returncode == 0, output
    if "Nothing to be done" in output:
        return set()
    stats = re.search(r"^job +count\n-+ +-+\n(.*?)\ntotal", output, re.M | re.S)
    assert stats, output
    return {line.split()[0] for line in stats[1].splitlines()} - {"all"}
