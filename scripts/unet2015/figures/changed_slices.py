"""Which slices show what a change of the prediction does, for better and for worse."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from unet2015.errors import InputError
from unet2015.figures.slice_choice import best_thresholds, scores_of_slices

METRIC = "v_rand"
"""By which slices gain and lose."""


class ChangedSlice(NamedTuple):
    """A slice to show, and how it stands among the others."""

    slice: int  # number in the label stack
    rank: str  # such as "gains most of 30"


class SliceScores(NamedTuple):
    """V_Rand of each slice, at the threshold that is best on the whole stack."""

    threshold: float
    values: dict[int, float]  # by the number of the slice


def v_rand_of_slices(table: pd.DataFrame) -> SliceScores:
    """Return V_Rand of each slice, from a score table of one run.

    Raises
    ------
    InputError
        As `best_thresholds` and `scores_of_slices`.
    """
    threshold = best_thresholds(table)[METRIC]
    scores = scores_of_slices(table, {METRIC: threshold})
    values = {number: found[METRIC] for number, found in scores.items()}
    return SliceScores(float(threshold), values)


def most_gained_and_lost(
    before: dict[int, float], after: dict[int, float]
) -> list[ChangedSlice]:
    """Choose the slices whose score changes most for the better and for the worse.

    Parameters
    ----------
    before, after : dict of int to float
        Score of each slice, higher is better.

    Returns
    -------
    list of ChangedSlice
        Two; one if there is one slice. Of equals the first gains most and the last
        loses most.

    Raises
    ------
    InputError
        If the two are of other slices.
    """
    if before.keys() != after.keys():
        one, other = (", ".join(map(str, sorted(found))) for found in (before, after))
        raise InputError(
            f"the score tables are of slices {one} and {other}, expected the same; "
            "evaluate both predictions with one split"
        )
    gains = {number: after[number] - before[number] for number in before}
    order = sorted(gains, key=lambda number: (-gains[number], number))
    if len(order) == 1:
        return [ChangedSlice(order[0], "the only one")]
    ends = order[0], order[-1]
    ranks = _ranks(*(gains[number] for number in ends))
    return [
        ChangedSlice(number, f"{rank} of {len(order)}")
        for rank, number in zip(ranks, ends, strict=True)
    ]


def _ranks(highest: float, lowest: float) -> tuple[str, str]:
    """Say how the highest and the lowest gain stand, also where all gain or lose."""
    if highest == lowest == 0:
        return ("unchanged, as all",) * 2
    return (
        "gains most" if highest > 0 else "loses least",
        "loses most" if lowest < 0 else "gains least",
    )


def most_differing(
    before: np.ndarray, after: np.ndarray, numbers: list[int]
) -> list[ChangedSlice]:
    """Choose the two slices in which the most pixels differ.

    Parameters
    ----------
    before, after : ndarray, bool, shape (slices, height, width)
        True = cell interior.
    numbers : list of int
        Of the slices.

    Returns
    -------
    list of ChangedSlice
        The most changed first, of equals the first; one if there is one slice.
    """
    counts = [np.count_nonzero(a != b) for a, b in zip(before, after, strict=True)]
    order = np.argsort(-np.array(counts), kind="stable")[:2]
    if len(numbers) == 1:
        return [ChangedSlice(numbers[0], "the only one")]
    ranks = ("most changed", "second most changed")
    return [
        ChangedSlice(numbers[index], f"{rank} of {len(numbers)}")
        for rank, index in zip(ranks, order, strict=True)
    ]
