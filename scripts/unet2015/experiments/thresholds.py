"""Scores at a threshold that the scored stack had no part in choosing.

The challenge takes each score at the threshold that is best on the scored
stack. Here the threshold comes from cross-validation on the training slices,
so the score is what a user would get on new slices.
"""

import numpy as np
import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import METRICS

RESAMPLES = 10_000
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
        one, with its 95 % bootstrap interval over slices. Test columns are
        empty if the test labels are unknown.

    Raises
    ------
    InputError
        If the folds have no scores.
    """
    if folds.empty:
        raise InputError(
            "the folds have no scores, so no threshold can be chosen; "
            "run the workflow with run.crossvalidation: true"
        )
    rows = [_row(metric, folds, test) for metric in METRICS]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(metric, folds: pd.DataFrame, test: pd.DataFrame) -> dict:
    """Return the row of one metric."""
    curve = mean_curve(folds, metric.name)
    threshold = best_threshold(curve, metric.higher_is_better)
    row = {
        "metric": metric.name,
        "threshold": threshold,
        "crossvalidated": curve[threshold],
    }
    if test.empty:
        return row
    test_curve = mean_curve(test, metric.name)
    best = best_threshold(test_curve, metric.higher_is_better)
    mean, low, high = bootstrap_mean(slice_values(test, metric.name, threshold))
    return row | {
        "test": test_curve[threshold],
        "test_best_threshold": best,
        "test_best": test_curve[best],
        "slice_mean": mean,
        "slice_low": low,
        "slice_high": high,
    }


def mean_curve(scores: pd.DataFrame, metric: str) -> pd.Series:
    """Return the score at each threshold, mean over splits and seeds."""
    chosen = scores[(scores["slice"] == "all") & (scores["metric"] == metric)]
    return chosen.groupby("threshold")["value"].mean().sort_index()


def best_threshold(curve: pd.Series, higher_is_better: bool) -> float:
    """Return the lowest threshold at which the curve is best."""
    return float(curve.idxmax() if higher_is_better else curve.idxmin())


def slice_values(scores: pd.DataFrame, metric: str, threshold: float) -> np.ndarray:
    """Return each slice's score at a threshold, mean over seeds."""
    chosen = scores[
        (scores["slice"] != "all")
        & (scores["metric"] == metric)
        & (scores["threshold"] == threshold)
    ]
    return chosen.groupby("slice")["value"].mean().to_numpy()


def bootstrap_mean(values: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean and its 95 % percentile interval over resampled slices.

    Parameters
    ----------
    values : ndarray, float, shape (slices,)
        One score a slice.
    seed : int
        Of the resampling.

    Returns
    -------
    mean, low, high : float
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def as_markdown(table: pd.DataFrame) -> str:
    """Return the table as Markdown, numbers as published."""
    lines = [
        "| metric | threshold (folds) | folds | test | test, best threshold "
        "| mean of test slices [95 %] |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for metric, row in zip(METRICS, table.to_dict("records"), strict=True):
        digits = metric.digits
        cells = [metric.title, f"{row['threshold']:.1f}"]
        cells.append(f"{row['crossvalidated']:.{digits}f}")
        if pd.isna(row["test"]):
            cells += ["", "", ""]
        else:
            cells += [
                f"{row['test']:.{digits}f}",
                f"{row['test_best']:.{digits}f} ({row['test_best_threshold']:.1f})",
                f"{row['slice_mean']:.{digits}f} "
                f"[{row['slice_low']:.{digits}f}, {row['slice_high']:.{digits}f}]",
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
