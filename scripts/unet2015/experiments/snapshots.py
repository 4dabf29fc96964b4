"""Scores of the snapshots of trainings: one point a snapshot and way of predicting."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.scores import latest, read_rows_of
from unet2015.settings import read_json

METRICS = [metric.name for metric in TABLE_METRICS]
THRESHOLDS = [f"{name}_threshold" for name in METRICS]
SERIES = ["training", "weight_average", "inference"]
"""Columns that points share which are joined by a line, apart from the seed."""

KEY = [*SERIES, "seed", "step"]
COLUMNS = [
    *KEY,
    "pixels",
    "seconds",
    "device",
    "precision",
    "torch",
    "commit",
    *METRICS,
    *THRESHOLDS,
]
NUMBERS = {
    "seed": int,
    "step": int,
    "pixels": int,
    "seconds": float,
    **dict.fromkeys([*METRICS, *THRESHOLDS], float),
}


def point(described: dict) -> dict | None:
    """Return a row of the table from the files of one snapshot.

    Parameters
    ----------
    described : dict
        `training`, `weight_average` and `inference`; `record`, the path of the
        snapshot's run.json; `scores`, that of the JSON of evaluate.py.

    Returns
    -------
    dict or None
        By :data:`COLUMNS`; None if the labels are unknown, so that there is no score.

    Raises
    ------
    InputError
        If a file cannot be read or lacks a key.
    """
    record, scores = (read_json(described[key]) for key in ("record", "scores"))
    try:
        row = {key: described[key] for key in SERIES}
        row |= record | {"step": record["steps"]}
        row |= {name: scores[name]["value"] for name in METRICS}
        row |= {f"{name}_threshold": scores[name]["threshold"] for name in METRICS}
        row = {column: row[column] for column in COLUMNS}
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{described['record']} and {described['scores']} lack {error}; train and "
            "evaluate again"
        ) from error
    if row[METRICS[0]] is None:
        return None
    return row | {name: round(row[name], 3) for name in THRESHOLDS}


def read_points(path: Path) -> pd.DataFrame:
    """Read a table of points.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; `weight_average` is bool, scores are fractions.

    Raises
    ------
    InputError
        If it cannot be read, has other columns or holds text for a number.
    """
    table = read_rows_of(path, COLUMNS, NUMBERS, "a curve", "table_curve.py")
    return table.assign(weight_average=table["weight_average"] == "True")


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return all points in order of series, seed and step.

    Parameters
    ----------
    tables : sequence of DataFrame
        See :func:`read_points`. Of points with the same :data:`KEY` the last counts.
    """
    return latest(tables, COLUMNS, KEY)
