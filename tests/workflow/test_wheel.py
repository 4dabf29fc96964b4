"""The library by itself: a wheel, installed outside the checkout."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

import unet2015
from unet2015.data.tiff import read_stack, write_stack
from workflow.project import ROOT

pytestmark = pytest.mark.slow

WITHOUT_TORCH = """
import sys
for name in ("torch", "cv2", "onnxruntime", "snakemake", "pandas", "matplotlib"):
    sys.modules[name] = None
import numpy as np
import unet2015
labels = np.zeros((1, 32, 32), np.uint8)
labels[:, 2:14, 2:30] = labels[:, 16:30, 2:30] = 255
scores = unet2015.evaluate(labels, labels / 255)
print(scores["v_rand"].value)
ids = np.repeat([0, 1, 0, 2, 0], 4)[:, None] * np.ones((1, 20), int)
print(unet2015.weight_map(ids, classes=(1, 1), w0=10, sigma=5).max() > 5)
print(unet2015.__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel of a copy and unpack it into a folder."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    for name in ("scripts", "workflow"):
        shutil.copytree(
            ROOT / name,
            folder / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    alone = ["--no-deps", "--no-build-isolation", "--no-index"]
    target = folder / "site"
    subprocess.run([*pip, "wheel", ".", *alone], cwd=folder, check=True)
    (wheel,) = folder.glob("unet2015-*.whl")
    subprocess.run([*pip, "install", *alone, f"--target={target}", wheel], check=True)
    return target


def call(installed, *command):
    """Run a command that sees what is installed, and not the checkout."""
    return subprocess.run(
        command,
        cwd=installed.parent / "site",
        # Compiling the metrics anew would take longer than interpreting them here.
        env=os.environ | {"PYTHONPATH": str(installed), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_metrics_and_weight_map_need_no_torch(installed):
    run = call(installed, sys.executable, "-c", WITHOUT_TORCH)
    assert run.returncode == 0, run.stderr
    value, weighs, place = run.stdout.split()
    assert (value, weighs) == ("1.0", "True")
    assert place.startswith(str(installed))


def test_the_schema_is_there(installed):
    code = "from unet2015.settings import defaults; print(defaults('weights')['w0'])"
    run = call(installed, sys.executable, "-c", code)
    assert run.stdout.strip() == "10.0", run.stderr


def test_help_lists_the_commands(installed):
    run = call(installed, installed / "bin/unet2015")
    assert run.returncode == 0, run.stderr
    for name in ("evaluate", "weight-map", "predict", "segment", unet2015.__version__):
        assert name in run.stdout
    unknown = call(installed, installed / "bin/unet2015", "classify")
    assert unknown.returncode == 1
    assert "no command 'classify', expected one of evaluate" in unknown.stderr


@pytest.mark.parametrize("name", ["evaluate", "weight-map", "predict", "segment"])
def test_every_command_explains_itself(installed, name):
    run = call(installed, installed / "bin/unet2015", name, "--help")
    assert run.returncode == 0, run.stderr
    assert f"usage: unet2015 {name}" in run.stdout
    assert f"    unet2015 {name} --" in run.stdout  # the example


def test_a_command_does_its_work(installed, tmp_path):
    labels = np.zeros((1, 32, 32), np.uint8)
    labels[:, 2:14, 2:30] = labels[:, 18:30, 2:30] = 255
    truth, output = tmp_path / "truth.tif", tmp_path / "weights.tif"
    write_stack(truth, labels)
    options = ["--labels", truth, "--output", output]
    run = call(installed, installed / "bin/unet2015", "weight-map", *options)
    assert run.returncode == 0, run.stderr
    assert 1 < read_stack(output).max() < 11


def test_the_version_stands_in_one_place():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert citation["version"] == unet2015.__version__
    assert f"## {unet2015.__version__}" in changes
