"""Rows of four panels, a headline above each, keys of the colours below the last."""

import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch

from unet2015.figures.style import WIDTH

COLUMNS = 4
LEFT, STEP = 0.003, 0.2495
"""Where the first column begins, and the next after it, of the width."""

Key = tuple[tuple, str]
"""A colour and its opacities, as (colour, opacity, ...), and what they mean."""


def headed_rows(
    shape: tuple[int, int], headlines: list[str], foot: float
) -> tuple[Figure, list[np.ndarray], SubFigure]:
    """Lay out a figure.

    Parameters
    ----------
    shape : tuple of int
        Height and width of what the panels show, pixels.
    headlines : list of str
        One a row.
    foot : float
        Height of the part below the rows, inches.

    Returns
    -------
    figure : Figure
    panels : list of ndarray of Axes, shape (4,)
        Of each row.
    foot : SubFigure
        For `explain` and `note`.
    """
    panel = WIDTH / COLUMNS * shape[0] / shape[1] + 0.5
    figure = Figure(figsize=(WIDTH, len(headlines) * panel + foot))
    *parts, below = figure.subfigures(
        len(headlines) + 1, 1, height_ratios=[panel] * len(headlines) + [foot]
    )
    panels = []
    for part, headline in zip(parts, headlines, strict=True):
        panels.append(part.subplots(1, COLUMNS))
        part.subplots_adjust(
            left=LEFT, right=1 - LEFT, bottom=0.005, top=1 - 0.44 / panel, wspace=0.03
        )
        part.text(LEFT, 1 - 0.07 / panel, headline, va="top")
    return figure, panels, below


def explain(foot: SubFigure, column: int, keys: list[Key]) -> None:
    """Explain colours under a column."""
    foot.legend(
        [tuple(_patches(*colours)) for colours, _ in keys],
        [name for _, name in keys],
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        loc="upper left",
        bbox_to_anchor=(LEFT + STEP * column, 1),
        borderaxespad=0.5,
        borderpad=0,
        frameon=False,
        labelspacing=0.3,
    )


def note(foot: SubFigure, column: int, height: float, words: str) -> None:
    """Write under a column, at a height of 0..1."""
    place = LEFT + 0.0055 + STEP * column
    foot.text(place, height, words, va="center", fontsize=8)


def _patches(colour: str, *opacities: float) -> list[Patch]:
    """Return a patch of each opacity, on white."""
    return [Patch(facecolor=colour, alpha=opacity, lw=0) for opacity in opacities]
