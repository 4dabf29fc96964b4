"""Stacks of a lab come into the workflow from files and folders of slices."""

import os
import shutil

import numpy as np
import pytest
import yaml
from file_kinds import READ, REFUSED
from tiny_data import STACKS

from unet2015.data.tiff import read_stack, write_stack
from workflow.project import copy_sources, planned, snakemake

GREY = np.random.default_rng(5).integers(0, 256, (6, 48, 40), dtype=np.uint8)
TRUTH = np.tile(STACKS["train-labels"], (2, 1, 1))
RANGE = {"intensity_range": [-1e-05, 255.0]}
DATASETS = {  # the image, the labels, and what else is said of them
    "folder": ("slices", "labels", {}),
    "stated": ("float.tif", "truth.tif", RANGE),
    "refused": ("float.tif", "truth.tif", {}),
}


def target(dataset):
    return f"results/{dataset}/data/train-volume.tif"


def files_of(project):
    return {path for path in project.rglob("*") if ".snakemake" not in path.parts}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A project that has imported the datasets; its path, what it said."""
    project = copy_sources(tmp_path_factory.mktemp("lab") / "project")
    stacks = project.parent
    write_stack(stacks / "truth.tif", TRUTH)
    write_folder = READ["folder_of_slices"]
    write_folder(stacks / "labels", TRUTH)
    write_folder(stacks / "slices", GREY)
    REFUSED["float.tif"][0](stacks / "float.tif", GREY)
    datasets = {}
    for name, (image, labels, said) in DATASETS.items():
        paths = dict.fromkeys(["train-volume", "test-volume"], image)
        paths["train-labels"] = labels
        files = {name: str(stacks / path) for name, path in paths.items()}
        dataset = {"source": "files", "files": files, "interior": "bright"}
        datasets[name] = dataset | said
    extra = {"run": {"datasets": list(datasets)}, "datasets": datasets}
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    run = snakemake(project, *map(target, DATASETS), "--cores", "1", "--keep-going")
    return project, run.stdout + run.stderr


@pytest.mark.parametrize("dataset", ["folder", "stated"])
def test_files_and_what_is_stated_of_them_reach_the_program(lab, dataset):
    project, said = lab
    np.testing.assert_array_equal(read_stack(project / target(dataset)), GREY, said)


def test_the_line_of_a_refusal_is_shown(lab):
    project, said = lab
    (line,) = {line for line in said.splitlines() if line.startswith("error: ")}
    assert all(word in line for word in ("float.tif ", *REFUSED["float.tif"][1]))
    assert not (project / target("refused")).exists()


def test_the_content_of_a_file_decides(lab):
    project, _ = lab
    file, kept = project.parent / "float.tif", project.parent / "kept.tif"
    file.touch()
    assert planned(project, target("stated")) == set()
    shutil.copy2(file, kept)
    write_stack(file, 255 - read_stack(file))
    os.utime(file, (1, 1))  # older than what was made of it
    assert planned(project, target("stated")) == {"import_stacks"}
    kept.replace(file)


def test_the_content_of_folders_decides(lab):
    project, _ = lab
    volume, labels = project.parent / "slices", project.parent / "labels"
    before = files_of(project)
    for path in [*volume.iterdir(), *labels.iterdir(), volume, labels]:
        path.touch()
    (volume / ".DS_Store").write_bytes(b"no slice")
    assert planned(project, target("folder")) == set()
    slice_, kept = labels / "slice10.png", project.parent / "kept.png"
    shutil.copy2(slice_, kept)
    shutil.copyfile(labels / "slice5.png", slice_)
    os.utime(slice_, (1, 1))  # older than what was made of it
    assert planned(project, target("folder")) == {"import_stacks"}
    kept.replace(slice_)
    (volume / "slice25.png").rename(volume / "slice7.png")
    assert planned(project, target("folder")) == {"import_stacks"}
    assert files_of(project) == before
