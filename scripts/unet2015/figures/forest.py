"""Effects of the experiments with their intervals: a forest plot."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from unet2015.experiments.effects import BETTER, OPEN, WORSE, titles
from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.figures.style import INK, OKABE_ITO, WIDTH, draw_words, styled

LOOKS = {
    BETTER: {"color": OKABE_ITO["blue"], "marker": ">", "mfc": OKABE_ITO["blue"]},
    WORSE: {"color": OKABE_ITO["vermilion"], "marker": "<"},
    OPEN: {"color": "0.5", "marker": "o", "mfc": "white"},
}
"""Told apart by shape as well as by colour."""

NOTHING = "there is no experiment beside the reference: nothing to compare"
ROW = 0.24
"""Inches of an experiment."""

OUTLIER = 2.5
"""How much further than all others an effect must reach to be cut off."""


@styled
def draw_forest(table: pd.DataFrame, reference: str) -> Figure:
    """Draw one panel a metric, one row an experiment, better to the right.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`; if it has no rows, the figure
        says so.
    reference : str
        The experiment that the others are compared with.
    """
    if table.empty:
        return draw_words(NOTHING)
    names = list(table["experiment"].unique())
    figure = Figure(figsize=(WIDTH, 1.5 + ROW * len(names)), layout="constrained")
    panels = figure.subplots(1, len(TABLE_METRICS), sharey=True)
    for axes, metric in zip(panels, TABLE_METRICS, strict=True):
        rows = table[table["metric"] == metric.name].set_index("experiment")
        _draw_panel(axes, rows.loc[names], metric)
    called = titles(table, reference)
    panels[0].set_yticks(range(len(names)), [called[name] for name in names])
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    figure.supxlabel(f"difference to {reference}, better to the right", fontsize=9)
    keys = [
        Line2D([], [], ls="-", ms=5, label=verdict, **look)
        for verdict, look in LOOKS.items()
    ]
    figure.legend(handles=keys, loc="outside upper right", ncols=3, frameon=False)
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, metric: Metric) -> None:
    """Draw the effects on one metric."""
    axes.axvline(0, color=INK, lw=0.8, zorder=1)
    reach = _reach(rows)
    for place, row in enumerate(rows.to_dict("records")):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color="0.96", lw=0, zorder=0)
        look = LOOKS[row["verdict"]]
        axes.plot([row["low"], row["high"]], [place] * 2, color=look["color"], lw=1.4)
        shown = row["difference"]
        if abs(shown) > reach:
            shown = math.copysign(0.95 * reach, shown)
            _write_value(axes, row["difference"], place, reach, metric)
        axes.plot([shown], [place], ls="none", ms=5, zorder=3, **look)
    # Equal distances to both sides, so that 0 stands in the middle of every panel.
    axes.set_xlim((-reach, reach) if metric.higher_is_better else (reach, -reach))
    axes.xaxis.set_major_locator(MaxNLocator(4, symmetric=True, steps=[1, 2, 5, 10]))
    axes.ticklabel_format(axis="x", scilimits=(-2, 3), useMathText=True)
    axes.xaxis.get_offset_text().set_fontsize(7)
    axes.set_title(metric.title)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _reach(rows: pd.DataFrame) -> float:
    """Return how far a panel reaches: one outlier may not squeeze all others."""
    # An effect of a single cluster has no interval.
    extents = rows[["difference", "low", "high"]].abs().max(axis=1)
    extents = sorted(extents, reverse=True)
    reach = extents[0]
    if len(extents) > 1 and reach > OUTLIER * extents[1]:
        reach = 1.5 * extents[1]
    return 1.08 * max(reach, 1e-9)


def _write_value(
    axes: Axes, value: float, place: int, reach: float, metric: Metric
) -> None:
    """Write the value of an effect beyond the panel on the other side of 0."""
    x = -math.copysign(0.95 * reach, value)
    on_the_right = (x > 0) == metric.higher_is_better
    side = "right" if on_the_right else "left"
    axes.text(x, place, metric.signed(value), ha=side, va="center_baseline", fontsize=7)
