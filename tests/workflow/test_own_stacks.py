"""Stacks of a lab come into the workflow in whatever kind of file they are saved."""

import json
import os
import shutil

import numpy as np
import pytest
import yaml
from file_kinds import READ, REFUSED, SCALED
from tiny_data import STACKS

from unet2015.data.tiff import read_stack, write_stack
from workflow.project import copy_sources, planned, snakemake

GREY = np.random.default_rng(5).integers(0, 256, (6, 48, 40), dtype=np.uint8)
TRUTH = np.tile(STACKS["train-labels"], (2, 1, 1))
FOLDER = "folder_of_slices"
GOOD = ["slice_by_slice.tif", "appended.tif", "white_is_zero.tif", "lzw.tif", FOLDER]
BAD = ["four_slices_planar.tif", "channels.tif", "float.tif"]


def dataset_of(kind):
    """Return the name of the dataset that is imported from a kind of file."""
    return kind.partition(".")[0].replace("_", "-")


def target(kind):
    return f"results/{dataset_of(kind)}/data/train-volume.tif"


def files_of(project):
    return {path for path in project.rglob("*") if ".snakemake" not in path.parts}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A project that has imported a dataset of each kind; its path, what it said."""
    project = copy_sources(tmp_path_factory.mktemp("lab") / "project")
    stacks = project.parent
    write_stack(stacks / "truth.tif", TRUTH)
    READ[FOLDER](stacks / "labels", TRUTH)
    datasets = {}
    refused = {name: REFUSED[name][0] for name in BAD}
    for kind, write in {**READ, **SCALED, **refused}.items():
        if kind in (*GOOD, *BAD, "sixteen_bit.tif"):
            write(stacks / kind, GREY)
            labels = "labels" if kind == FOLDER else "truth.tif"
            volumes = dict.fromkeys(["train-volume", "test-volume"], kind)
            paths = {**volumes, "train-labels": labels}
            files = {name: str(stacks / path) for name, path in paths.items()}
            datasets[dataset_of(kind)] = {
                "source": "files", "files": files, "interior": "bright"
            }  # fmt: skip
    stated = {**datasets["float"], "intensity_range": [-1e-05, 255.0]}
    datasets["stated"] = stated
    extra = {"run": {"datasets": list(datasets)}, "datasets": datasets}
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra))
    targets = [target(kind) for kind in (*GOOD, *BAD, "sixteen_bit.tif", "stated")]
    run = snakemake(project, *targets, "--cores", "1", "--keep-going")
    return project, run.stdout + run.stderr


@pytest.mark.parametrize("kind", GOOD)
def test_kinds_that_are_imported(lab, kind):
    project, said = lab
    np.testing.assert_array_equal(read_stack(project / target(kind)), GREY, said)


def test_more_bits_are_scaled_and_the_record_says_how(lab):
    project, _ = lab
    low, high = np.percentile(GREY, (0.5, 99.5))
    expected = np.clip((GREY - low) / (high - low), 0, 1) * 255
    path = project / target("sixteen_bit.tif")
    np.testing.assert_array_equal(read_stack(path), np.rint(expected))
    record = json.loads(path.with_name("provenance.json").read_text())
    assert record["intensity_range"] == [16 * low, 16 * high]


def test_a_stated_range_reaches_the_program(lab):
    project, _ = lab
    np.testing.assert_array_equal(read_stack(project / target("stated")), GREY)


@pytest.mark.parametrize("kind", BAD)
def test_kinds_that_are_refused(lab, kind):
    project, said = lab
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    (line,) = {line for line in lines if f"{kind} " in line}
    assert all(word in line for word in REFUSED[kind][1])
    assert not (project / target(kind)).exists()


def test_the_content_of_folders_decides(lab):
    project, _ = lab
    volume, labels = project.parent / FOLDER, project.parent / "labels"
    before = files_of(project)
    for path in [*volume.iterdir(), *labels.iterdir(), volume, labels]:
        path.touch()
    (volume / ".DS_Store").write_bytes(b"no slice")
    assert planned(project, target(FOLDER)) == set()
    slice_, kept = labels / "slice10.png", project.parent / "kept.png"
    shutil.copy2(slice_, kept)
    shutil.copyfile(labels / "slice5.png", slice_)
    os.utime(slice_, (1, 1))  # older than what was made of it
    assert planned(project, target(FOLDER)) == {"import_stacks"}
    kept.replace(slice_)
    assert planned(project, target(FOLDER)) == set()
    (volume / "slice25.png").rename(volume / "slice7.png")
    assert planned(project, target(FOLDER)) == {"import_stacks"}
    assert files_of(project) == before
