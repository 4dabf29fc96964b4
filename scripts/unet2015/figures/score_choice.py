"""Which slices and thresholds of a score table a figure shows."""

from typing import NamedTuple

import pandas as pd

from unet2015.errors import InputError
from unet2015.metrics.challenge import ERRORS

METRICS = ("v_rand", "warping_error", "pixel_error")
"""The metrics shown."""


class Shown(NamedTuple):
    """A slice to show, and its scores at the best thresholds of the stack."""

    slice: int  # number in the label stack
    rank: str  # such as "best of 6"
    scores: dict[str, float]


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
    best = {}
    for metric in METRICS:
        curve = table[(table["slice"] == "all") & (table["metric"] == metric)]
        values = pd.to_numeric(curve["value"], errors="coerce")
        if values.empty or values.isna().any():
            raise InputError(
                f"the score table holds no numbers for {metric} of the whole stack "
                "(slice all); write it by evaluate.py --table"
            )
        place = values.idxmin() if metric in ERRORS else values.idxmax()
        best[metric] = curve.loc[place, "threshold"]
    return best


def best_and_worst(table: pd.DataFrame, thresholds: dict[str, str]) -> list[Shown]:
    """Choose the slices with the highest and the lowest V_Rand.

    Parameters
    ----------
    table : DataFrame, str
        slice, metric, threshold, value of one run.
    thresholds : dict of str to str
        From `best_thresholds`.

    Returns
    -------
    list of Shown
        Best and worst; one if the stack has one slice. Of equals the first is
        the best and the last the worst.

    Raises
    ------
    InputError
        If a slice has no score.
    """
    single = table[table["slice"] != "all"]
    scores: dict[str, dict[str, float]] = {}
    for metric, threshold in thresholds.items():
        rows = single[(single["metric"] == metric) & (single["threshold"] == threshold)]
        for number, value in zip(rows["slice"], rows["value"], strict=True):
            scores.setdefault(number, {})[metric] = float(value)
    if not scores or any(len(found) < len(METRICS) for found in scores.values()):
        raise InputError(
            f"the score table lacks {', '.join(METRICS)} of single slices; write it "
            "by evaluate.py --table"
        )
    order = sorted(scores, key=lambda n: (-scores[n]["v_rand"], int(n)))
    chosen = [("the only one", order[0])]
    if len(order) > 1:
        of = f"of {len(order)}"
        chosen = [(f"best {of}", order[0]), (f"worst {of}", order[-1])]
    return [Shown(int(number), rank, scores[number]) for rank, number in chosen]
