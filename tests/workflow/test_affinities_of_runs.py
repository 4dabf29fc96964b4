"""Affinities beside the probability, and cells from them, for networks with any."""

import pandas as pd
import pytest
import tifffile

from unet2015.data.affinities import read_affinities
from unet2015.data.stacks import read_probability
from workflow.project import planned, snakemake

EXTRA = """
augmentation: {drawn: {on_the_fly: true}}
network: {linked: {affinities: [[0, 0, 1], [0, 1, 0], [0, 9, -4]]}}
partition: {cells: {method: mutex-watershed}}
experiments:
  affinities: {augmentation: drawn, network: linked}
  cells: {augmentation: drawn, network: linked, partition: cells}
"""
RUN = "results/phantom/predictions/fold0/{}_demo_scales/seed0/{}"
LINKED, PLAIN = "drawn_border_linked", "demo_border_demo"


@pytest.fixture
def linked(project):
    """A finished project to whose config a network with affinities is added."""
    (project / "config/extra.yaml").write_text(EXTRA)
    return project


def test_one_prediction_gives_both_files(linked):
    for file in ("affinities.tif", "scores.csv"):
        rules = planned(linked, RUN.format(LINKED, file))
        assert "predict_affinities" in rules
        assert "predict" not in rules


def test_results_of_other_networks_stay(linked):
    assert planned(linked) == set()


def test_figure_of_the_partition_is_shown_where_table1_has_one(linked):
    assert "figure_partition" not in planned(linked, "--forceall")
    (linked / "config/extra.yaml").write_text(EXTRA + "run: {table1: [cells]}")
    rules = planned(linked)
    assert rules >= {"figure_partition", "partition", "report"}


def test_other_networks_have_no_affinities(linked):
    run = snakemake(linked, RUN.format(PLAIN, "affinities.tif"), "-n", "--cores", "1")
    assert run.returncode != 0
    assert "affinities.tif" in run.stdout + run.stderr


@pytest.mark.long
def test_cells_are_scored_below_their_prediction(linked):
    (linked / "config/extra.yaml").write_text(EXTRA + "run: {table1: [cells]}")
    run = snakemake(linked, "results/phantom/tables/table1.csv", "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    folder = linked / RUN.replace("fold0", "test").format(LINKED, "")
    affinities, offsets = read_affinities(folder / "affinities.tif")
    interior = read_probability(folder / "probability.tif")
    assert offsets == ((0, 0, 1), (0, 1, 0), (0, 9, -4))
    assert affinities.shape == (len(interior), 3, *interior.shape[1:])
    cut = read_probability(folder / "cells/probability.tif")
    cells = tifffile.imread(folder / "cells/instances.tif")
    assert cells.max() > 1
    assert ((cut == interior) | (cut == 0)).all()
    assert (cut[:, :, :-1] * cut[:, :, 1:])[
        cells[:, :, :-1] != cells[:, :, 1:]
    ].max() == 0
    assert not (folder / "scores.csv").exists()
    table = pd.read_csv(linked / "results/phantom/tables/table1.csv")
    assert list(table["method"]) == [
        "unet2015 (this workflow)",
        "unet2015, cells with partitioning",
    ]
    assert table.notna().all(axis=None)


REFERENCE = """
run: {reference: cells}
predict: {images: new.tif}
augmentation: {cells: {samples: 6, side: 64, on_the_fly: true}}
network:
  cells: {width: 4, depth: 2, space_to_depth: 2, padding: same, norm: batch, dropout: 0,
          affinities: [[0, 0, 1], [0, 1, 0], [0, 9, -4]]}
training: {cells: {steps: 3}}
partition: {cells: {method: mutex-watershed}}
experiments:
  cells: {augmentation: cells, weights: border, network: cells, training: cells,
          inference: single, partition: cells}
"""


def predict_test_stack(project):
    """Let a reference that is partitioned predict a copy of the test stack."""
    volume = project / "results/phantom/data/test-volume.tif"
    (project / "new.tif").write_bytes(volume.read_bytes())
    (project / "config/extra.yaml").write_text(REFERENCE)


def test_cells_of_further_images_are_planned_from_the_partition(linked):
    predict_test_stack(linked)
    jobs = planned(linked, "predictions")
    assert jobs >= {"predict_images_affinities", "partition_images", "page_images"}
    assert not {"predict_images", "segment_images"} & jobs
    jobs = planned(linked, "results/phantom/slices.html")
    assert "partition" in jobs and "segment_test" not in jobs


@pytest.mark.long
def test_cells_of_further_images_are_those_of_the_test_stack(linked):
    predict_test_stack(linked)
    targets = "results/phantom/slices.html", "predictions"
    run = snakemake(linked, *targets, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    found = tifffile.imread(linked / "results/predictions/new/instances.tif")
    (path,) = linked.glob("results/phantom/predictions/test/cells_*/*/*/instances.tif")
    assert (found == tifffile.imread(path)).all()
    assert found.max() > 1
