"""Which slices a figure shows: evenly spaced ones, or the best and the worst."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from unet2015.data.splits import thinned
from unet2015.data.stacks import is_unknown
from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.thresholds import best_threshold

SHOWN_METRICS = ("v_rand", "warping_error", "pixel_error")
"""The metrics by which the best and the worst slice are shown."""


class ShownSlice(NamedTuple):
    """What is known of one slice, each array of shape (height, width)."""

    slice: int
    image: np.ndarray  # uint8
    labels: np.ndarray | None  # uint8; None = nobody knows
    probability: np.ndarray  # float32


class RankedSlice(NamedTuple):
    """A slice to show, and its scores at the best thresholds of the stack."""

    slice: int  # number in the label stack
    rank: str  # such as "best of 6"
    scores: dict[str, float]


def evenly_spaced(count: int, total: int) -> list[int]:
    """Return the middle of each of `count` equal parts of 0..total - 1.

    Parameters
    ----------
    count, total : int
        At least 1. If there are fewer than `count`, as in a small fold, all are taken.

    Raises
    ------
    InputError
        If either number is not positive.
    """
    if count < 1 or total < 1:
        raise InputError(
            f"{count} of {total} scored slices cannot be shown, expected at least 1 "
            "of 1; choose a split that scores some"
        )
    return thinned(list(range(total)), min(count, total))


def choose_slices(
    volume: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray,
    scored: list[int],
    count: int,
) -> list[ShownSlice]:
    """Choose a few scored slices, evenly spaced.

    Parameters
    ----------
    volume, labels : ndarray, uint8, shape (slices, height, width)
        The full stack and its labels (255 = interior, 127 throughout = unknown).
    probability : ndarray, float32, shape (scored slices, height, width)
        Probability of cell interior, in the order of `scored`.
    scored : list of int
        0-based indices into the full stack.
    count : int
        Slices to show, at most.

    Raises
    ------
    InputError
        If the stacks or the indices do not fit each other.
    """
    if labels.shape != volume.shape:
        raise InputError(
            f"the labels have shape {labels.shape}, expected that of the volume, "
            f"{volume.shape}; give the labels of the same stack"
        )
    if max(scored, default=0) >= len(volume):
        raise InputError(
            f"the split scores slice {max(scored)}, expected 0..{len(volume) - 1} "
            "(the slices of the volume); give the stack that the split names"
        )
    expected = (len(scored), *volume.shape[1:])
    if probability.shape != expected:
        raise InputError(
            f"the probability stack has shape {probability.shape}, expected {expected} "
            "(the scored slices only, in order); predict it with the same split"
        )
    unknown = is_unknown(labels)
    chosen = [(i, scored[i]) for i in evenly_spaced(count, len(scored))]
    return [
        ShownSlice(s, volume[s], None if unknown else labels[s], probability[i])
        for i, s in chosen
    ]


def best_thresholds(table: pd.DataFrame) -> dict[str, str]:
    """Return each metric's best threshold on the whole stack, as written.

    Parameters
    ----------
    table : DataFrame, str
        slice, metric, threshold, value of one run.

    Raises
    ------
    InputError
        If a metric is missing, or a value is no number.
    """
    metrics = {metric.name: metric for metric in TABLE_METRICS}
    best = {}
    for name in SHOWN_METRICS:
        chosen = table[(table["slice"] == "all") & (table["metric"] == name)]
        curve = chosen.set_index("threshold")["value"]
        curve = pd.to_numeric(curve, errors="coerce")
        if curve.empty or curve.isna().any():
            raise InputError(
                f"the score table holds no numbers for {name} of the whole stack "
                "(slice all); write it by evaluate.py --scores"
            )
        best[name] = best_threshold(curve, metrics[name])
    return best


def best_and_worst(
    table: pd.DataFrame, thresholds: dict[str, str]
) -> list[RankedSlice]:
    """Choose the slices with the highest and the lowest V_Rand.

    Parameters
    ----------
    table : DataFrame, str
        slice, metric, threshold, value of one run.
    thresholds : dict of str to str
        From `best_thresholds`.

    Returns
    -------
    list of RankedSlice
        Best and worst; one if the stack has one slice. Of equals the first is
        the best and the last the worst.

    Raises
    ------
    InputError
        If a slice has no score.
    """
    scores = scores_of_slices(table, thresholds)
    order = sorted(scores, key=lambda n: (-scores[n]["v_rand"], n))
    chosen = [("the only one", order[0])]
    if len(order) > 1:
        of = f"of {len(order)}"
        chosen = [(f"best {of}", order[0]), (f"worst {of}", order[-1])]
    return [RankedSlice(number, rank, scores[number]) for rank, number in chosen]


def scores_of_slices(
    table: pd.DataFrame, thresholds: dict[str, str]
) -> dict[int, dict[str, float]]:
    """Return the scores of each slice at the thresholds of some metrics, by its number.

    Parameters
    ----------
    table : DataFrame, str
        slice, metric, threshold, value of one run.
    thresholds : dict of str to str
        From `best_thresholds`, or of some of its metrics.

    Raises
    ------
    InputError
        If a slice has no score.
    """
    single = table[table["slice"] != "all"]
    scores: dict[int, dict[str, float]] = {}
    for metric, threshold in thresholds.items():
        rows = single[(single["metric"] == metric) & (single["threshold"] == threshold)]
        for number, value in zip(rows["slice"], rows["value"], strict=True):
            scores.setdefault(int(number), {})[metric] = float(value)
    if not scores or any(len(found) < len(thresholds) for found in scores.values()):
        raise InputError(
            f"the score table lacks {', '.join(thresholds)} of single slices; write "
            "it by evaluate.py --scores"
        )
    return scores
