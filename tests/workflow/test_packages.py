"""The trained model as a package, and predictions by it."""

import json
import zipfile

import pytest
import yaml

from workflow.project import copy_sources, planned, snakemake

PACKAGE = "results/phantom/package.zip"


def overlay(project, **sections):
    """Change the config of a project."""
    (project / "config/extra.yaml").write_text(yaml.safe_dump(sections))


@pytest.fixture
def exported(project):
    """A finished project with the package of its model."""
    overlay(project, export={"authors": ["A. Person", "B O'Neill"]})
    run = snakemake(project, "packages", "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    return project


def read(project, name):
    """Return a file of the package."""
    with zipfile.ZipFile(project / PACKAGE) as files:
        return files.read(name).decode()


@pytest.mark.long
def test_package_states_what_the_run_recorded(exported):
    assert planned(exported, "packages") == set()
    described = yaml.safe_load(read(exported, "rdf.yaml"))
    assert described["authors"] == [{"name": "A. Person"}, {"name": "B O'Neill"}]
    assert described["license"] == "MIT"  # of the phantom
    (scores,) = exported.glob("results/phantom/predictions/test/*/seed0/scores.json")
    value = json.loads(scores.read_text())["v_rand"]["value"]
    card = read(exported, "README.md")
    assert f"| V_Rand | {value:.5f} |" in card
    (run,) = exported.glob("results/phantom/models/test/*/seed0/run.json")
    assert f"commit {json.loads(run.read_text())['commit']}" in " ".join(card.split())

    # A prediction by it needs nothing of the training.
    (exported / PACKAGE).rename(exported / "theirs.zip")
    images = "results/phantom/data/test-volume.tif"
    overlay(exported, predict={"images": images, "model": "theirs.zip"})
    ours = {"predict_images", "segment_images", "page_images"}
    assert planned(exported, "predictions") - {"predictions"} == ours
    with zipfile.ZipFile(exported / "theirs.zip") as files:
        files.extractall(exported / "theirs")
    overlay(exported, predict={"images": images, "model": "theirs"})
    run = snakemake(exported, "predictions", "--cores", "1")
    assert run.returncode == 0, run.stdout + run.stderr
    made = exported / "results/predictions/test-volume/instances.tif"
    assert made.is_file()


FILES = {"source": "files", "files": {"train-volume": "a.tif", "train-labels": "b.tif"}}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"export": {"authors": ["A"]}},
            "export.licence: not set, expected who made the model of mine and under",
        ),
        ({}, "export.authors and export.licence: not set, expected who made"),
        ({"export": {"license": "MIT"}}, "export.license is not a key; did you mean"),
    ],
)
def test_whose_model_it_is_has_to_be_stated(tmp_path, sections, message):
    sources = copy_sources(tmp_path / "sources")
    files = {**FILES["files"], "test-volume": "a.tif"}
    datasets = {"mine": {**FILES, "files": files}}
    overlay(sources, run={"datasets": ["mine"]}, datasets=datasets, **sections)
    run = snakemake(sources, "packages", "--dry-run", "--cores", "1")
    assert run.returncode != 0
    assert message in run.stdout + run.stderr
    assert not (sources / "results").exists()


def test_folder_without_a_description_is_no_model(tmp_path):
    sources = copy_sources(tmp_path / "sources")
    (sources / "mine").mkdir()
    overlay(sources, predict={"images": "config", "model": "mine"})
    run = snakemake(sources, "predictions", "--dry-run", "--cores", "1")
    assert run.returncode != 0
    assert "predict.model: mine is a folder without rdf.yaml" in run.stdout + run.stderr
