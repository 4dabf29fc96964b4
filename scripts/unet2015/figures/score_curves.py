"""The five scores along trainings."""

from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from unet2015.experiments.paper_results import (
    DATASET,
    PAPER_ROWS,
    TABLE_METRICS,
    Metric,
)
from unet2015.experiments.snapshots import SERIES
from unet2015.figures.style import OKABE_ITO, WIDTH, draw_words, rule, styled

COLOURS = ("blue", "sky blue", "vermilion", "green", "purple", "orange")
MARKERS = "osD^vP"
ACROSS = {
    "training steps": ("step", 1),
    "megapixels in the loss": ("pixels", 1e6),
    "hours": ("seconds", 3600),
}
"""What the rows of panels run against: column, and what one unit is."""

PAPER = {"color": "0.45", "lw": 1.2, "ls": (0, (4, 2))}
NOTHING = "no snapshot has been scored so far"


@styled
def draw_score_curves(points: pd.DataFrame, dataset: str) -> Figure:
    """Draw one column of panels a metric, one row each for steps, pixels and hours.

    Parameters
    ----------
    points : DataFrame
        See :func:`unet2015.experiments.snapshots.joined`.
    dataset : str
        The paper's scores are drawn into ISBI 2012's panels alone.
    """
    if points.empty:
        return draw_words(NOTHING)
    looks = _looks(points)
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    panels = figure.subplots(len(ACROSS), len(TABLE_METRICS), sharey="col")
    for row, (label, (column, unit)) in zip(panels, ACROSS.items(), strict=True):
        for axes, metric in zip(row, TABLE_METRICS, strict=True):
            _draw_panel(axes, points, looks, metric, points[column] / unit)
            if dataset == DATASET:
                axes.axhline(PAPER_ROWS["u-net"][metric.name], zorder=1, **PAPER)
        row[len(row) // 2].set_xlabel(label)
    for axes, metric in zip(panels[0], TABLE_METRICS, strict=True):
        axes.set_title(metric.title)
    keys = [
        Line2D([], [], label=_label(*series), **look) for series, look in looks.items()
    ]
    if dataset == DATASET:
        keys.append(Line2D([], [], label="the paper's score", **PAPER))
    figure.legend(handles=keys, loc="outside upper center", ncols=2, frameon=False)
    return figure


def _looks(points: pd.DataFrame) -> dict[tuple, dict]:
    """Return how each series is drawn."""
    series = points.groupby(SERIES, sort=False).groups
    return {
        name: {"color": OKABE_ITO[colour], "marker": marker, "ms": 4.5, "lw": 1.3}
        for name, colour, marker in zip(series, cycle(COLOURS), cycle(MARKERS))
    }


def _label(training: str, averaged: bool, inference: str) -> str:
    """Return what the legend calls a series."""
    weights = ", average of weights" if averaged else ""
    return f"training {training}, inference {inference}{weights}"


def _draw_panel(
    axes: Axes, points: pd.DataFrame, looks: dict, metric: Metric, across: pd.Series
) -> None:
    """Draw one metric of every series, each seed as a line."""
    for (*series, _), own in points.groupby([*SERIES, "seed"], sort=False):
        axes.plot(across[own.index], own[metric.name], **looks[tuple(series)])
    axes.set_xscale("log")
    _round_ticks(axes.xaxis)
    scores = points[metric.name]
    if not metric.higher_is_better and scores.max() > 5 * scores.min() > 0:
        axes.set_yscale("log")
        _round_ticks(axes.yaxis)
    axes.tick_params(labelsize=7)
    axes.set_axisbelow(True)
    rule(axes)


def _round_ticks(axis: Axis) -> None:
    """Put ticks of a logarithmic axis at 1, 2, 5, 10, ..., written out."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")
