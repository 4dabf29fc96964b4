"""Loss and learning rate over the steps of one or more trainings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from unet2015.errors import InputError
from unet2015.figures.style import INK, OKABE_ITO, WIDTH, rule, styled

COLUMNS = ["step", "seconds", "loss", "learning_rate"]
COLOURS = [OKABE_ITO[c] for c in ("blue", "vermilion", "green", "purple", "orange")]
DASHES = ["-", "--", ":", "-."]
LINE = 75
"""Letters of the names in a line of the legend."""


def read_history(path: Path) -> pd.DataFrame:
    """Read the history of a training.

    Returns
    -------
    DataFrame
        `step` (from 1), `seconds` since the start, `loss`, `learning_rate`; at
        least one row.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column or holds no step.
    """
    try:
        history = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as CSV: {error}") from error
    if list(history.columns) != COLUMNS:
        raise InputError(
            f"{path} has the columns {', '.join(history.columns)}, expected "
            f"{', '.join(COLUMNS)}; give a history of train.py"
        )
    if history.empty:
        raise InputError(
            f"{path} holds 0 steps, expected at least 1; delete it and train again"
        )
    return history


def smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Return the centred running mean; at the ends over what there is.

    Parameters
    ----------
    values : ndarray, float, shape (steps,)
    window : int
        Values a mean, at least 1.

    Returns
    -------
    ndarray, float64, shape (steps,)
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    low = np.maximum(index - (window - 1) // 2, 0)
    high = np.minimum(index + window // 2 + 1, len(values))
    return (sums[high] - sums[low]) / (high - low)


def mean_minutes(histories: Sequence[pd.DataFrame]) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and the minutes that they took, averaged over trainings.

    A training that ended earlier goes on at its mean pace.

    Parameters
    ----------
    histories : sequence of DataFrame
        See :func:`read_history`.

    Returns
    -------
    steps, minutes : ndarray, shape (steps + 1,)
        From 0, those of the longest training.
    """
    longest = max(histories, key=lambda history: history["step"].iloc[-1])
    steps = np.concatenate([[0], longest["step"]])
    minutes = np.zeros(len(steps))
    for history in histories:
        known = [np.concatenate([[0], history[c]]) for c in ("step", "seconds")]
        last, seconds = known[0][-1], known[1][-1]
        beyond = np.maximum(steps - last, 0) * seconds / last
        minutes += (np.interp(steps, *known) + beyond) / 60 / len(histories)
    return steps, minutes


@styled
def draw_training_curves(
    histories: Sequence[pd.DataFrame], names: Sequence[str]
) -> Figure:
    """Draw loss above learning rate, over steps and minutes.

    Parameters
    ----------
    histories : sequence of DataFrame
        See :func:`read_history`.
    names : sequence of str
        For the legend.

    Raises
    ------
    InputError
        If there are not as many names as histories.
    """
    if len(names) != len(histories):
        raise InputError(
            f"{len(names)} names for {len(histories)} histories, expected as many; "
            "give one name a history"
        )
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    loss, rate = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    for index, (history, name) in enumerate(zip(histories, names, strict=True)):
        line = {"color": COLOURS[index % 5], "ls": DASHES[index // 5 % 4]}
        raw, window = history["loss"].to_numpy(), max(1, len(history) // 50)
        loss.plot(history["step"], raw, color=line["color"], lw=0.6, alpha=0.25)
        means = smoothed(raw, window)
        loss.plot(history["step"], means, lw=1.6, label=name, zorder=3, **line)
        rate.plot(history["step"], history["learning_rate"], lw=1.4, **line)
    steps, minutes = mean_minutes(histories)
    loss.set_xlim(0, steps[-1])
    columns = max(1, LINE // max(map(len, names)))
    _label(loss, rate, columns=min(len(names), columns, 5))
    _minutes_axis(loss, steps, minutes, averaged=len(histories) > 1)
    return figure


def _label(loss: Axes, rate: Axes, columns: int) -> None:
    """Set scales, ticks, labels and legend."""
    loss.set(yscale="log", ylabel="weighted cross-entropy")
    loss.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    loss.yaxis.set_minor_locator(NullLocator())
    loss.yaxis.set_major_formatter("{x:g}")
    loss.legend(frameon=False, ncols=columns, loc="upper right")
    rate.set(ylabel="learning rate", xlabel="step")
    rate.ticklabel_format(axis="y", scilimits=(-2, 2), useMathText=True)
    for axes in (loss, rate):
        rule(axes)


def _minutes_axis(
    axes: Axes, steps: np.ndarray, minutes: np.ndarray, averaged: bool
) -> None:
    """Put round minutes above the steps at which they were reached."""
    round_numbers = MaxNLocator(8, steps=[1, 2, 5, 10])
    ticks = round_numbers.tick_values(0, max(minutes[-1], 0.001))
    ticks = [tick for tick in ticks if 0 <= tick <= minutes[-1]]
    above = axes.secondary_xaxis("top")
    above.set_xticks(np.interp(ticks, minutes, steps), [f"{tick:g}" for tick in ticks])
    above.set_xlabel("minutes (mean)" if averaged else "minutes", color=INK)
    above.spines["top"].set_visible(True)
