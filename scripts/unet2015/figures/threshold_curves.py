"""Scores against the threshold, and where each is best."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.experiments.thresholds import best_threshold, mean_curve
from unet2015.figures.style import INK, OKABE_ITO, WIDTH, draw_words, rule, styled

TEST = {"color": OKABE_ITO["blue"], "ls": "-"}
FOLDS = {"color": OKABE_ITO["vermilion"], "ls": "--"}
UNKNOWN = "the labels of this stack are not available: there are no scores to show"


@styled
def draw_threshold_curves(test: pd.DataFrame, folds: pd.DataFrame) -> Figure:
    """Draw one panel a metric: the mean curve, and each run in pale.

    Parameters
    ----------
    test, folds : DataFrame
        Tidy scores (see :func:`unet2015.experiments.scores.read_scores`) of one
        experiment on the test stack and on the folds of the training stack; one or both
        may have no rows.
    """
    if test.empty and folds.empty:
        return draw_words(UNKNOWN)
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    panels = figure.subplots(1, len(TABLE_METRICS))
    for axes, metric in zip(panels, TABLE_METRICS, strict=True):
        for scores, look in ((folds, FOLDS), (test, TEST)):
            if len(scores):
                _draw_curves(axes, scores, metric, look)
        if len(folds):
            _mark_chosen(axes, test, folds, metric)
        axes.set(xticks=(0, 0.5, 1), xlim=(-0.04, 1.04))
        axes.set_ylim(_limits([t for t in (test, folds) if len(t)], metric))
        # Fixed, so that a power of ten above an axis does not lift its title.
        axes.set_title(metric.title, y=1, pad=13)
        axes.tick_params(axis="y", labelsize=7)
        axes.ticklabel_format(axis="y", scilimits=(-2, 3), useMathText=True)
        axes.yaxis.get_offset_text().set_fontsize(7)
        rule(axes)
    figure.supxlabel("threshold", fontsize=9)
    figure.legend(
        handles=_keys(len(test) > 0, len(folds) > 0),
        loc="outside upper right",
        ncols=4,
        frameon=False,
    )
    return figure


def _draw_curves(axes: Axes, scores: pd.DataFrame, metric: Metric, look: dict) -> None:
    """Draw the mean over runs, its best threshold, and every run in pale."""
    for _, run in scores.groupby(["split", "seed"]):
        curve = mean_curve(run, metric)
        axes.plot(curve.index, curve, color=look["color"], lw=0.6, alpha=0.35)
    curve = mean_curve(scores, metric)
    axes.plot(curve.index, curve, lw=1.6, zorder=3, **look)
    best = best_threshold(curve, metric)
    axes.plot(best, curve[best], "o", color=look["color"], ms=6, zorder=4)


def _limits(tables: list[pd.DataFrame], metric: Metric) -> tuple[float, float]:
    """Return limits that leave out the two ends, where all is cell or membrane."""
    shown = []
    for scores in tables:
        curve = mean_curve(scores, metric)
        shown += [curve[best_threshold(curve, metric)], *curve.iloc[1:-1]]
    margin = 0.12 * (max(shown) - min(shown)) or 0.1
    return min(shown) - margin, max(shown) + margin


def _mark_chosen(
    axes: Axes, test: pd.DataFrame, folds: pd.DataFrame, metric: Metric
) -> None:
    """Mark the threshold of the folds, and the score of the test stack there."""
    chosen = best_threshold(mean_curve(folds, metric), metric)
    axes.axvline(chosen, color=INK, lw=0.8, ls=":", zorder=1)
    if len(test):
        score = mean_curve(test, metric)[chosen]
        ring = {"mfc": "none", "mec": INK, "ms": 9, "mew": 1.2}
        axes.plot(chosen, score, "o", zorder=5, **ring)


def _keys(test: bool, folds: bool) -> list[Line2D]:
    """Explain the lines and marks that are there."""
    keys = []
    if test:
        keys.append(Line2D([], [], label="test stack, best", marker="o", **TEST))
    if folds:
        keys.append(Line2D([], [], label="folds, best", marker="o", **FOLDS))
        keys.append(Line2D([], [], color=INK, lw=0.8, ls=":", label="chosen on folds"))
    if test and folds:
        ring = {"marker": "o", "mfc": "none", "mec": INK, "ms": 8}
        keys.append(Line2D([], [], ls="none", label="test stack there", **ring))
    return keys
