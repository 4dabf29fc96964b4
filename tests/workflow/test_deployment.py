"""The workflow used from other folders: as a module, from a repository, as a report."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

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
