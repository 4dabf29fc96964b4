"""Slices that two experiments share, scored by each at a threshold of its own."""

import numpy as np
import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import Metric
from unet2015.experiments.thresholds import best_threshold, mean_curve


def at_best_threshold(scores: pd.DataFrame, metric: Metric) -> tuple[float, pd.Series]:
    """Return an experiment's best threshold and the slices' scores there.

    Returns
    -------
    threshold : float
        Best for the mean curve over all runs.
    values : Series
        By split, seed and slice (a number), in this order.

    Raises
    ------
    InputError
        If the metric is missing.
    """
    curve = mean_curve(scores, metric.name)
    if curve.empty:
        raise InputError(
            f"{scores['experiment'].iloc[0]} has no {metric.name} for slice 'all', "
            "expected a curve over the thresholds; evaluate it again"
        )
    threshold = best_threshold(curve, metric.higher_is_better)
    chosen = scores[
        (scores["slice"] != "all")
        & (scores["metric"] == metric.name)
        & (scores["threshold"] == threshold)
    ]
    chosen = chosen.astype({"slice": int}).set_index(["split", "seed", "slice"])
    return threshold, chosen["value"].sort_index()


def differences(
    values: pd.Series, reference: pd.Series, metric: str
) -> list[np.ndarray]:
    """Return values less reference, one array (seeds, slices) a split.

    Parameters
    ----------
    values, reference : Series
        By split, seed and slice; see :func:`at_best_threshold`.
    metric : str
        For the message.

    Raises
    ------
    InputError
        If a slice has a score in one of the two only, or not for every seed, or
        one that is no number.
    """
    difference = values.sub(reference)  # not a number where one of the two lacks it
    parts = [part.unstack("slice") for _, part in difference.groupby(level="split")]
    holes = [part.stack(future_stack=True)[lambda cell: cell.isna()] for part in parts]
    lacking = pd.concat(holes).index
    if len(lacking):
        split, seed, number = lacking[0]
        raise InputError(
            f"{metric} of split {split}, seed {seed}, slice {number} is missing from "
            "one of two experiments, expected every slice for each seed of both; "
            "evaluate them on the same splits and seeds"
        )
    return [part.to_numpy() for part in parts]
