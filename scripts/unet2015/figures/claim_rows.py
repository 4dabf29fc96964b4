"""Verdicts on claims at a glance: a row a claim, a dot a pair of trainings."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from unet2015.experiments.claims import (
    BY_NAME,
    difference_words,
    sentence,
    verdict_words,
)
from unet2015.experiments.verdicts import CONTRADICTED, NONE, SUPPORTED
from unet2015.figures.style import INK, OKABE_ITO, draw_words, styled

COLOURS = {
    SUPPORTED: OKABE_ITO["blue"],
    CONTRADICTED: OKABE_ITO["vermilion"],
    NONE: OKABE_ITO["green"],
}
"""Of verdicts, which are also written out; all others are grey."""

NARROW = 4.6
"""Inches: read on a phone without scrolling."""

ROW = 1.25
NOTHING = "no claim has been put to the test so far"


@styled
def draw_claims(table: pd.DataFrame, seeds: int | None) -> Figure:
    """Draw one row a primary claim: verdict, sentence, and each pair as a dot.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.claims.compared`.
    seeds : int or None
        See :func:`unet2015.experiments.claims.pilot`.
    """
    rows = table[table["primary"]].to_dict("records")
    if not any(row["pairs"] for row in rows):
        return draw_words(NOTHING)
    figure = Figure(figsize=(NARROW, ROW * len(rows) + 0.4), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(rows), 1))
    for axes, row in zip(panels, rows, strict=True):
        _draw_row(axes, row, seeds)
    figure.supxlabel("worse without it: to the right; grey band: margin", fontsize=8)
    return figure


def _draw_row(axes: Axes, row: dict, seeds: int | None) -> None:
    """Draw a claim."""
    colour = COLOURS.get(row["verdict"], "0.4")
    words = sentence(row).replace(" (", "\N{NO-BREAK SPACE}(")
    title = f"{verdict_words(row, seeds)}\n{textwrap.fill(words, 62)}"
    axes.set_title(title, loc="left", fontsize=8, color=colour, fontweight="bold")
    margin = row["margin"]
    axes.axvspan(-margin, margin, color="0.92", lw=0, zorder=0)
    axes.axvline(0, color=INK, lw=0.8, zorder=1)
    _draw_pairs(axes, row, colour)
    reach = 1.1 * np.nanmax([2 * margin, *np.abs([*row["losses"], row["low"]])])
    axes.set(xlim=(-reach, reach), ylim=(-1, 1), yticks=[])
    axes.xaxis.set_major_locator(FixedLocator(_ticks(margin, reach)))
    metric = BY_NAME[row["endpoint"]]
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: metric.signed(value) if value else "0")
    )
    words = f"{metric.title}: {difference_words(row)}".removesuffix(": ")
    axes.set_xlabel(words, fontsize=8, labelpad=1)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _ticks(margin: float, reach: float) -> list[float]:
    """Return what the axis names: the margins, or about half its reach if it is far."""
    named = margin if margin > reach / 5 else float(f"{reach / 2:.0e}")  # one digit
    return [-named, 0, named]


def _draw_pairs(axes: Axes, row: dict, colour: str) -> None:
    """Draw the pairs of trainings, and above them their mean with its interval."""
    heights = np.full(len(row["losses"]), -0.4)
    axes.plot(row["losses"], heights, "o", ms=4, mfc="none", color=colour)
    axes.plot([row["low"], row["high"]], [0.4, 0.4], lw=1.6, color=colour)
    axes.plot([row["loss"]], [0.4], "D", ms=5, color=colour)
