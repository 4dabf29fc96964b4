"""Twenty steps from four stacks to a folder to carry home, without Snakemake."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from workflow.project import ROOT

import phantom
import train_and_score
from unet2015.data.dataset import NAMES

pytestmark = pytest.mark.long

SMALL = {
    "run": {"curve": [{}, {"weight_average": True}]},
    "augmentation": {"paper": {"side": 92}},
    "network": {"paper": {"width": 8, "depth": 2}},
    "training": {"paper": {"steps": 20, "weight_average": 0.9, "snapshots": [10, 20]}},
    "inference": {"paper": {"test_time_augmentation": "none"}},
}
CONFIGS = ["config/config.yaml", "config/paper.yaml"]
WITHOUT_SNAKEMAKE = (
    "import runpy, sys; sys.modules['snakemake'] = None; "
    "sys.path.insert(0, {folder!r}); sys.argv[0] = {program!r}; "
    "runpy.run_path({program!r}, run_name='__main__')"
)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stacks")
    settings = folder / "phantom.json"
    drawn = {"seed": 0, "slices": 2, "side": 96, "contrast": 1, "noise": 0}
    settings.write_text(json.dumps(drawn))
    files = [word for n in NAMES for word in (f"--{n}", str(folder / f"{n}.tif"))]
    phantom.main(
        ["--settings", str(settings), "--provenance", str(folder / "p.json"), *files]
    )
    return folder


def chain(stacks, output, *options):
    """Run the program where Snakemake cannot be imported."""
    overlay = output.parent / "small.yaml"
    overlay.write_text(yaml.safe_dump(SMALL))
    program = ROOT / "scripts/train_and_score.py"
    code = WITHOUT_SNAKEMAKE.format(folder=str(program.parent), program=str(program))
    arguments = ["--stacks", str(stacks), "--output", str(output), "--threads", "1"]
    configs = [*(str(ROOT / name) for name in CONFIGS), str(overlay)]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments, "--config", *configs, *options],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(stacks, tmp_path_factory):
    output = tmp_path_factory.mktemp("chain") / "out"
    run = chain(stacks, output)
    assert run.returncode == 0, run.stderr
    return output


def test_everything_to_carry_home_is_packed(finished):
    names = {path.name for path in (finished / "pack/seed0").iterdir()}
    assert names >= {
        "model.safetensors",
        "model.json",
        "history.csv",
        "scores.json",
        "probability.tif",
        "curve.csv",
        "curve.png",
        "training_curves.png",
        "qualitative.png",
        "errors.png",
    }
    assert len(pd.read_csv(finished / "pack/seed0/history.csv")) == 20


def test_the_curve_has_both_weights_of_each_snapshot(finished):
    curve = pd.read_csv(finished / "seed0/curve.csv")
    assert list(zip(curve["step"], curve["weight_average"], strict=True)) == [
        (10, False),
        (20, False),
        (10, True),
        (20, True),
    ]
    assert curve["pixels"].tolist() == [10 * 52**2, 20 * 52**2] * 2  # 92 px give 52


def test_a_second_run_does_only_what_is_missing(stacks, finished):
    model = finished / "seed0/model.safetensors"
    before = model.stat().st_mtime_ns
    (finished / "seed0/scores.json").unlink()
    run = chain(stacks, finished)
    assert run.returncode == 0, run.stderr
    assert model.stat().st_mtime_ns == before
    assert (finished / "seed0/scores.json").exists()
    assert "evaluate --labels" in run.stderr
    assert "train --volume" not in run.stderr


def test_a_missing_stack_is_named(tmp_path):
    run = chain(tmp_path, tmp_path / "out")
    assert run.returncode == 1
    assert "train-volume.tif is missing, expected train-volume" in run.stderr
    assert not (tmp_path / "out").exists()


def test_large_files_travel_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(train_and_score, "LIMIT", 1000)
    whole = os.urandom(2500)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/model.safetensors").write_bytes(whole)
    train_and_score.pack(tmp_path / "out", tmp_path / "out/pack")
    parts = sorted((tmp_path / "out/pack").glob("model.safetensors.*"))
    assert [part.stat().st_size for part in parts] == [1000, 1000, 500]
    assert b"".join(Path(part).read_bytes() for part in parts) == whole
    digest = hashlib.sha256(whole).hexdigest()
    sums = (tmp_path / "out/pack/SHA256SUMS").read_text()
    assert sums == f"{digest}  model.safetensors\n"
