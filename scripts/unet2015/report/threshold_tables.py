"""Scores at thresholds chosen by cross-validation, as Markdown."""

import pandas as pd

from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.report.markdown import markdown_table

HEAD = [
    "metric",
    "threshold (folds)",
    "folds",
    "test",
    "test, best threshold",
    "mean of test slices [95 %]",
]


def threshold_markdown(table: pd.DataFrame) -> str:
    """Return the table with one row a metric, numbers as published.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.thresholds.fixed_threshold_scores`.
    """
    rows = table.to_dict("records")
    lines = [
        _cells(metric, row) for metric, row in zip(TABLE_METRICS, rows, strict=True)
    ]
    return markdown_table([HEAD, *lines], ["left"] + ["right"] * (len(HEAD) - 1))


def _cells(metric: Metric, row: dict) -> list[str]:
    """Return the cells of one metric; those of the test stack may be empty."""
    shown = {key: f"{row[key]:.{metric.digits}f}" for key in row if key != "metric"}
    cells = [metric.title, f"{row['threshold']:.1f}", shown["crossvalidated"]]
    if pd.isna(row["test"]):
        return [*cells, "", "", ""]
    interval = f" [{shown['slice_low']}, {shown['slice_high']}]"
    return [
        *cells,
        shown["test"],
        f"{shown['test_best']} ({row['test_best_threshold']:.1f})",
        shown["slice_mean"] + ("" if pd.isna(row["slice_low"]) else interval),
    ]
