"""Scores at a threshold that the scored stack had no part in choosing.

The challenge takes each score at the threshold that is best on the scored
stack. Here the threshold comes from cross-validation on the training slices,
so the score is what a user would get on new slices.
"""

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.intervals import interval_of_slices
from unet2015.experiments.paper_results import TABLE_METRICS, Metric

COLUMNS = [
    "metric",
    "threshold",
    "crossvalidated",
    "test",
    "test_best_threshold",
    "test_best",
    "slice_mean",
    "slice_low",
    "slice_high",
]


def fixed_threshold_scores(folds: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """Score the test stack at the thresholds of the cross-validation.

    Parameters
    ----------
    folds, test : DataFrame
        Tidy scores (see :func:`unet2015.experiments.scores.tidy`) of one experiment on
        the folds and on the test stack.

    Returns
    -------
    DataFrame
        One row a metric: the cross-validated `threshold` and the mean score of
        the folds there; the `test` score there and, beside it, the challenge's
        `test_best` and its threshold; the mean over test slices scored one by
        one, with its 95 % interval
        (:func:`unet2015.experiments.intervals.interval_of_slices`). Test columns are
        empty if the test labels are unknown.

    Raises
    ------
    InputError
        If the folds have no scores.
    """
    if folds.empty:
        raise InputError(
            "the folds have no scores, so no threshold can be chosen; "
            "run `snakemake crossvalidation`"
        )
    rows = [_row(metric, folds, test) for metric in TABLE_METRICS]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(metric: Metric, folds: pd.DataFrame, test: pd.DataFrame) -> dict:
    """Return the row of one metric."""
    curve = mean_curve(folds, metric)
    threshold = best_threshold(curve, metric)
    row = {
        "metric": metric.name,
        "threshold": threshold,
        "crossvalidated": curve[threshold],
    }
    if test.empty:
        return row
    test_curve = mean_curve(test, metric)
    best = best_threshold(test_curve, metric)
    (slices,) = by_split(slice_scores(test, metric, threshold))
    mean, low, high = interval_of_slices(slices.to_numpy())
    return row | {
        "test": test_curve[threshold],
        "test_best_threshold": best,
        "test_best": test_curve[best],
        "slice_mean": mean,
        "slice_low": low,
        "slice_high": high,
    }


def mean_curve(scores: pd.DataFrame, metric: Metric) -> pd.Series:
    """Return the score of whole stacks, mean over splits and seeds.

    Parameters
    ----------
    scores : DataFrame
        Tidy, of one experiment.
    metric : Metric
        Whose scores.

    Returns
    -------
    Series
        By threshold, ascending; empty without scores of this metric.
    """
    chosen = scores[(scores["slice"] == "all") & (scores["metric"] == metric.name)]
    return chosen.groupby("threshold")["value"].mean().sort_index()


def best_threshold(curve: pd.Series, metric: Metric) -> float:
    """Return the lowest threshold at which the curve is best, as its index names it."""
    return curve.idxmax() if metric.higher_is_better else curve.idxmin()


def slice_scores(scores: pd.DataFrame, metric: Metric, threshold: float) -> pd.Series:
    """Return single slices' scores at a threshold.

    Parameters
    ----------
    scores : DataFrame
        Tidy, of one experiment.
    metric : Metric
        Whose scores.
    threshold : float
        One of those in the table.

    Returns
    -------
    Series
        By split, seed and slice (a number), in this order.
    """
    at = (scores["metric"] == metric.name) & (scores["threshold"] == threshold)
    chosen = scores[at & (scores["slice"] != "all")].astype({"slice": int})
    return chosen.set_index(["split", "seed", "slice"])["value"].sort_index()


def by_split(values: pd.Series) -> list[pd.DataFrame]:
    """Return a table (seeds, slices) of each split; see :func:`slice_scores`."""
    return [part.unstack("slice") for _, part in values.groupby(level="split")]
