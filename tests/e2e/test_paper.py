"""The paper's own settings go through the whole workflow, on fewer samples."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from safetensors.numpy import load_file
from workflow.project import copy_sources

pytestmark = pytest.mark.long

STEPS = 24
PARAMETERS = 31_030_658
SCALED = {
    "run": {"datasets": ["phantom"], "folds": 2, "splits": ["fold0", "fold1"]},
    "datasets": {
        "phantom": {"source": "phantom", "phantom": {"slices": 2, "side": 96}}
    },
    "augmentation": {"paper": {"samples": 12, "side": 188}},
    "training": {"paper": {"steps": STEPS}},
}


def test_the_papers_network_goes_through_the_workflow(tmp_path):
    project = copy_sources(tmp_path)
    (project / "config/scaled.yaml").write_text(yaml.safe_dump(SCALED))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile"]
    run = subprocess.run(
        [*command, "config/paper.yaml", "config/scaled.yaml"],
        cwd=project,
        env={k: v for k, v in os.environ.items() if k != "UNET2015_MIRROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    results = project / "results/phantom"
    (model,) = results.glob("models/**/model.safetensors")
    assert sum(weights.size for weights in load_file(model).values()) == PARAMETERS
    history = pd.read_csv(model.with_name("history.csv"))
    assert list(history["step"]) == list(range(1, STEPS + 1))
    assert np.isfinite(history["loss"]).all()
    assert (results / "report.html").exists()
