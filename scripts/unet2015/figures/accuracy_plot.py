"""V_Rand and V_Info of held-out slices against the minutes of training."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from unet2015.experiments.time_to_accuracy import SHOWN
from unet2015.figures.style import OKABE_ITO, WIDTH, letter, rule, styled

PAPER = "the paper: 10 hours on a 6 GB GPU"
ROUND = [m * 10**e for e in range(-3, 5) for m in (1, 2, 5)]


@styled
def draw_time_to_accuracy(points: pd.DataFrame) -> Figure:
    """Draw one panel a score, one dot an experiment and seed.

    Parameters
    ----------
    points : DataFrame
        See :func:`unet2015.experiments.time_to_accuracy.points`.
    """
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    panels = figure.subplots(1, len(SHOWN))
    for axes, metric, character in zip(panels, SHOWN, "ab", strict=True):
        _draw_panel(axes, points, metric.name)
        axes.set(ylabel=f"{metric.title}, held-out slices")
        letter(axes, character)
    figure.supxlabel(f"minutes of training; {PAPER}", fontsize="medium")
    return figure


def _draw_panel(axes: Axes, points: pd.DataFrame, name: str) -> None:
    """Draw every seed, a line through their means, and how many steps each took."""
    blue = OKABE_ITO["blue"]
    means = points.groupby(level="experiment").mean().sort_values("minutes")
    minutes = means["minutes"]
    axes.plot(minutes, means[name], color=blue, lw=1.2)
    axes.plot(points["minutes"], points[name], "o", color=blue, ms=4, alpha=0.7)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(ROUND))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlim(minutes.min() / 1.4, minutes.max() * 1.4)
    steps = axes.secondary_xaxis("top")
    steps.set_xticks(minutes, [f"{step:,.0f}" for step in means["steps"]], rotation=45)
    steps.xaxis.set_minor_locator(NullLocator())
    steps.tick_params(labelsize=8)
    steps.set_xlabel("steps")
    axes.set_axisbelow(True)
    rule(axes)
