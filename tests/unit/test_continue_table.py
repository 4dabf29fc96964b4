"""The gains of trainings that begin with a model are those of the committed rows."""

from pathlib import Path

import pandas as pd
import pytest

from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import TABLE_METRICS

DOCS = Path(__file__).parents[2] / "docs"
CONTINUED = {
    "one-slice": "one-slice-continued",
    "three-slices": "three-slices-continued",
    "unet": "ten-slices-continued",
}


@pytest.fixture
def rows():
    return pd.read_csv(DOCS / "data/continue.csv")


def test_every_arm_has_five_rows(rows):
    assert rows.groupby("experiment").size().tolist() == [5] * 6


@pytest.mark.parametrize("metric", TABLE_METRICS, ids=lambda metric: metric.name)
def test_gains_are_those_of_the_rows(rows, metric):
    text = (DOCS / "own-stacks.md").read_text(encoding="utf-8")
    gains = text.partition("<!-- continue, effects -->")[2].splitlines()
    found = rows.set_index(["experiment", "seed"])[metric.name]
    for random, continued in CONTINUED.items():
        gain = (found[continued] - found[random]).to_numpy()
        mean, low, high = (metric.signed(value) for value in t_interval(gain))
        (line,) = (each for each in gains if each.startswith(f"| {continued} "))
        assert f"{mean} [{low}, {high}] |" in line
