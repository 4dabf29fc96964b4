"""Affinities beside the probability, for networks that predict any and no other."""

import pytest

from unet2015.data.affinities import read_affinities
from unet2015.data.stacks import read_probability
from workflow.project import planned, snakemake

EXTRA = """
augmentation: {drawn: {on_the_fly: true}}
network: {linked: {affinities: [[0, 0, 1], [0, 9, -4]]}}
experiments: {affinities: {augmentation: drawn, network: linked}}
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


def test_other_networks_have_no_affinities(linked):
    run = snakemake(linked, RUN.format(PLAIN, "affinities.tif"), "-n", "--cores", "1")
    assert run.returncode != 0
    assert "affinities.tif" in run.stdout + run.stderr


@pytest.mark.long
def test_affinities_are_predicted(linked):
    run = snakemake(linked, RUN.format(LINKED, "affinities.tif"), "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    affinities, offsets = read_affinities(linked / RUN.format(LINKED, "affinities.tif"))
    interior = read_probability(linked / RUN.format(LINKED, "probability.tif"))
    assert offsets == ((0, 0, 1), (0, 9, -4))
    assert affinities.shape == (len(interior), 2, *interior.shape[1:])
