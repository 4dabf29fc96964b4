"""The table of trainings that begin with a model is made of the rows that are kept."""

from pathlib import Path

import pandas as pd

from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import TABLE_METRICS

DOCS = Path(__file__).parents[2] / "docs"
ARMS = {1: "one-slice", 3: "three-slices", 10: "unet"}


def cell(values, show):
    """Return a mean with its interval."""
    mean, low, high = t_interval(values.to_numpy())
    return f"{show(mean)} [{show(low)}, {show(high)}]"


def lines(rows, metric):
    """Return the lines of a metric: random weights, continued, difference."""
    found = rows.set_index(["experiment", "seed"])[metric.name]
    for count, name in ARMS.items():
        continued = f"{name}-continued" if count < 10 else "ten-slices-continued"
        arms = [found[each] for each in (name, continued)]
        shown = [cell(arm, lambda x: f"{x:.{metric.digits}f}") for arm in arms]
        shown.append(cell(arms[1] - arms[0], metric.signed))
        yield f"| {metric.title} | {count} | {' | '.join(shown)} |"


def test_table_is_made_of_the_rows():
    rows = pd.read_csv(DOCS / "data/continue.csv")
    assert rows.groupby("experiment").size().tolist() == [5] * 6
    text = (DOCS / "own-stacks.md").read_text(encoding="utf-8")
    chosen = [m for m in TABLE_METRICS if m.name in ("v_rand", "pixel_error")]
    for metric in chosen:
        for line in lines(rows, metric):
            assert line in text
