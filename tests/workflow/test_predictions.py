"""Further images are segmented by the model that is there."""

import json
import shutil

import numpy as np
import pytest
import tifffile

from unet2015.data.tiff import read_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.data.voxel import Voxel
from workflow.project import copy_sources, planned, snakemake

OURS = {"predict_images", "segment_images", "page_images"}


def overlay(project, **predict):
    """Set the images of a project."""
    (project / "config/extra.yaml").write_text(json.dumps({"predict": predict}))


@pytest.fixture
def images(project):
    """Copy the phantom's test stack, with slices as files, to predict it again."""
    stack = read_stack(project / "results/phantom/data/test-volume.tif")
    (project / "more").mkdir()
    for index, pixels in enumerate(stack):
        tifffile.imwrite(project / f"more/{index}.tif", pixels)
    labels = "results/phantom/data/test-labels.tif"
    overlay(project, images="more", labels=labels, nm_per_pixel=6)
    return project


def test_cells_of_further_images(images):
    assert planned(images, "predictions") - {"predictions"} == OURS
    run = snakemake(images, "predictions", "--cores", "2")  # threads, as before
    assert run.returncode == 0, run.stderr
    folder = images / "results/predictions/more"
    found = read_stack(folder / "probability.tif")
    (reference,) = images.glob("results/phantom/predictions/test/*/seed0")
    expected = read_stack(reference / "probability.tif")
    np.testing.assert_allclose(found, expected, atol=1e-6)  # threads may differ
    instances = read_stack(folder / "instances.tif")
    assert (instances.shape, instances.dtype) == (found.shape, np.uint32)
    assert read_voxel(folder / "instances.tif").nm_per_pixel == 6
    assert '"splits":' in (folder / "page.html").read_text()
    assert not (images / "results/checkpoints/predictions").exists()
    assert planned(images, "predictions") == set()


@pytest.mark.long
def test_ome_zarr_is_predicted_into_ome_zarr(images):
    stack = read_stack(images / "results/phantom/data/test-volume.tif")
    path = images / "new.ome.zarr"
    write_for_viewers(path, stack, stack.shape, stack.dtype, Voxel(6, 50))
    overlay(images, images="new.ome.zarr", format="zarr")
    run = snakemake(images, "predictions", "--cores", "1")
    assert run.returncode == 0, run.stderr
    folder = images / "results/predictions/new"
    (reference,) = images.glob("results/phantom/predictions/test/*/seed0")
    found = read_stack(folder / "probability.ome.zarr")
    expected = read_stack(reference / "probability.tif")
    np.testing.assert_allclose(found, expected, atol=1e-6)  # threads may differ
    assert read_stack(folder / "instances.ome.zarr").dtype == np.uint32
    assert read_voxel(folder / "instances.ome.zarr") == Voxel(6, 50)
    assert (folder / "page.html").is_file()
    assert planned(images, "predictions") == set()


def test_model_is_trained_first_if_it_is_not_there(images):
    shutil.rmtree(images / "results/phantom/models")
    run = snakemake(images, "predictions", "--dry-run", "--cores", "1")
    output = run.stdout + run.stderr
    assert "is not there: it is trained first" in output
    assert "rule train:" in output


def test_any_model_can_be_named(images):
    (model,) = images.glob("results/phantom/models/test/*/seed0/model.safetensors")
    folder = images / "mine"
    shutil.copytree(model.parent, folder)
    shutil.rmtree(images / "results/phantom/models")
    overlay(images, images="more", model="mine/model.safetensors")
    assert planned(images, "predictions") - {"predictions"} == OURS


def test_threshold_is_that_of_the_cross_validation(images):
    table = images / "results/phantom/tables/thresholds.csv"
    table.write_text("metric,threshold\nrand_error,0.3\nv_rand,0.7\n")
    run = snakemake(images, "predictions", "--dry-run", "--cores", "1", "-p")
    assert "--threshold 0.7 " in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("predict", "message"),
    [
        ({}, "predict.images: is not set, expected a stack or a folder of slices"),
        ({"images": "a.tif"}, "predict.images: a.tif does not exist, expected a stack"),
    ],
)
def test_what_is_not_there_is_one_line(tmp_path, predict, message):
    sources = copy_sources(tmp_path / "sources")
    overlay(sources, **predict)
    run = snakemake(sources, "predictions", "--dry-run", "--cores", "1")
    assert run.returncode != 0
    assert message in run.stdout + run.stderr
    assert not (sources / "results").exists()
