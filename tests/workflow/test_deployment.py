"""The workflow used from other folders, and its library by itself."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import yaml

import unet2015
from unet2015.data.tiff import read_stack, write_stack
from unet2015.settings import read_schema
from workflow.project import ROOT, TINY, copy_sources, snakemake

pytestmark = pytest.mark.slow

TAG = "v1.0.0"
LOCAL = """
module unet:
    snakefile: "{repository}/workflow/Snakefile"
    prefix: "unet"
    config: config

use rule * from unet as unet_*

rule all:
    default_target: True
    input: rules.unet_all.input
"""
FROM_REPOSITORY = """
module unet:
    snakefile: gitfile("{repository}", tag="{tag}", path="workflow/Snakefile")
    prefix: "unet"
    config: config

use rule * from unet as unet_*

rule all:
    default_target: True
    input: rules.unet_all.input
"""
# As snakedeploy writes it, but for `github("owner/name", ...)`.
DEPLOYED = """
from snakemake.utils import min_version
min_version("8.0")

configfile: "config/config.yaml"

module unet2015:
    snakefile:
        gitfile("{repository}", tag="{tag}", path="workflow/Snakefile")
    config:
        config

use rule * from unet2015
"""


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
def repository(tmp_path_factory):
    """A repository of the sources as they are, with a tag."""
    folder = copy_sources(tmp_path_factory.mktemp("repository"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@localhost"]
    for command in ("init -q", "add -A", "commit -qm sources", f"tag {TAG}"):
        subprocess.run([*git, *command.split()], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def package(repository, tmp_path_factory):
    """A folder in which the package of that repository is installed."""
    target = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    alone = ["--no-deps", "--no-build-isolation", "--no-index"]
    copy = tmp_path_factory.mktemp("build") / "unet2015"
    shutil.copytree(repository, copy)
    subprocess.run([*pip, "install", *alone, f"--target={target}", copy], check=True)
    return target


def call(package, *command):
    """Run a command that sees what is package, and not the checkout."""
    return subprocess.run(
        command,
        cwd=package,
        # Compiling the metrics anew would take longer than interpreting them here.
        env=os.environ | {"PYTHONPATH": str(package), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def importing(folder, snakefile, repository, *arguments, path=""):
    """Run a Snakefile that imports the workflow, in a folder of its own."""
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "config/tiny.yaml").write_text(TINY)
    (folder / "Snakefile").write_text(snakefile.format(repository=repository, tag=TAG))
    configs = [f"config/{name}.yaml" for name in ("config", "demo", "tiny")]
    kept = {k: v for k, v in os.environ.items() if k != "UNET2015_MIRROR"}
    places = {"PYTHONPATH": str(path), "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(
        [*command, "--configfile", *configs],
        cwd=folder,
        env=kept | places,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_a_module_by_local_path_runs_with_a_prefix(tmp_path, repository):
    run = importing(tmp_path, LOCAL, repository)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "unet/results/phantom/report.html").exists()
    assert (tmp_path / "unet/results/checkpoints").is_dir()
    assert not (tmp_path / "results").exists()


@pytest.mark.long
def test_a_module_from_a_repository_runs_with_a_prefix(tmp_path, repository, package):
    run = importing(tmp_path, FROM_REPOSITORY, repository, path=package)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "unet/results/phantom/report.html").exists()
    assert not (tmp_path / "results").exists()


def test_a_deployed_workflow_is_planned(tmp_path, repository, package):
    run = importing(tmp_path, DEPLOYED, repository, "-n", path=package)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^report +1$", run.stdout + run.stderr, re.M)


@pytest.mark.long
def test_a_deployed_workflow_runs(tmp_path, repository, package):
    run = importing(tmp_path, DEPLOYED, repository, path=package)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "results/phantom/report.html").exists()


def test_a_missing_package_is_named_in_one_line(tmp_path, repository):
    run = importing(tmp_path, DEPLOYED, repository, "-n")
    assert run.returncode != 0
    assert "the package unet2015 is not installed, expected 1.0.0" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_the_trial_of_the_catalogue_is_planned(tmp_path):
    shutil.copytree(ROOT / ".test", tmp_path / ".test")
    folder = copy_sources(tmp_path)
    command = [sys.executable, "-m", "snakemake", "-n", "--cores", "1"]
    run = subprocess.run(
        [*command, "--directory", ".test"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_section_fits_into_the_table_of_the_catalogue():
    """Its cells are descriptions of whatever stands under `properties`, as they are."""
    sections = read_schema()["properties"]
    for key, described in {**sections, **sections["run"]["properties"]}.items():
        text = described["description"].strip()
        assert text and not {"|", "\n"} & set(text), key


def test_snakemakes_own_report_has_categories_and_labels(project):
    run = snakemake(project, "--report", "report.zip")
    assert run.returncode == 0, run.stdout + run.stderr
    with zipfile.ZipFile(project / "report.zip") as archive:
        texts = [archive.read(n).decode(errors="replace") for n in archive.namelist()]
    page = "".join(texts)
    for word in ("phantom", "figures", "tables", "threshold curves", "table1"):
        assert word in page


def test_metrics_and_weight_map_need_no_torch(package):
    run = call(package, sys.executable, "-c", WITHOUT_TORCH)
    assert run.returncode == 0, run.stderr
    value, weighs, place = run.stdout.split()
    assert (value, weighs) == ("1.0", "True")
    assert place.startswith(str(package))


def test_the_schema_is_there(package):
    code = "from unet2015.settings import defaults; print(defaults('weights')['w0'])"
    run = call(package, sys.executable, "-c", code)
    assert run.stdout.strip() == "10.0", run.stderr


def test_help_lists_the_commands(package):
    run = call(package, package / "bin/unet2015")
    assert run.returncode == 0, run.stderr
    for name in ("evaluate", "weight-map", "predict", "segment", unet2015.__version__):
        assert name in run.stdout
    unknown = call(package, package / "bin/unet2015", "classify")
    assert unknown.returncode == 1
    assert "no command 'classify', expected one of evaluate" in unknown.stderr


@pytest.mark.parametrize("name", ["evaluate", "weight-map", "predict", "segment"])
def test_every_command_explains_itself(package, name):
    run = call(package, package / "bin/unet2015", name, "--help")
    assert run.returncode == 0, run.stderr
    assert f"usage: unet2015 {name}" in run.stdout
    assert f"    unet2015 {name} --" in run.stdout  # the example


def test_a_command_does_its_work(package, tmp_path):
    labels = np.zeros((1, 32, 32), np.uint8)
    labels[:, 2:14, 2:30] = labels[:, 18:30, 2:30] = 255
    truth, output = tmp_path / "truth.tif", tmp_path / "weights.tif"
    write_stack(truth, labels)
    options = ["--labels", truth, "--output", output]
    run = call(package, package / "bin/unet2015", "weight-map", *options)
    assert run.returncode == 0, run.stderr
    assert 1 < read_stack(output).max() < 11


def test_the_version_stands_in_one_place():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert citation["version"] == unet2015.__version__
    assert f"## {unet2015.__version__}" in changes
