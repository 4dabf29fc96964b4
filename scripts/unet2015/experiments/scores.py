"""Score tables: one tidy table of all runs, and the best score of each."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.settings import parse_json

SCORE_COLUMNS = ["slice", "metric", "threshold", "value"]
RUN_COLUMNS = ["dataset", "split", "experiment", "seed"]


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a CSV table of known columns, every cell as it is written.

    Parameters
    ----------
    path : Path
        CSV.
    columns : list of str
        All of them, in this order.

    Returns
    -------
    DataFrame
        Of str.

    Raises
    ------
    InputError
        If it cannot be read or has other columns.
    """
    table = read_strings(path)
    if list(table.columns) != columns:
        raise InputError(
            f"{path} has the columns {', '.join(table.columns)}, expected "
            f"{', '.join(columns)}; give a table of scores"
        )
    return table


def read_rows_of(
    path: Path, columns: list[str], numbers: dict[str, type], what: str, program: str
) -> pd.DataFrame:
    """Read a CSV table some of whose columns are numbers; further columns are left out.

    Parameters
    ----------
    path : Path
        CSV.
    columns : list of str
        Those that are wanted, in this order.
    numbers : dict of str to type
        The type of each that is not text.
    what, program : str
        What errors call the table, and the program that writes it.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column or holds text for a number.
    """
    table = read_strings(path)
    try:
        return table[columns].astype(numbers)
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{path} is no table of {what}: {error}; write it by {program}"
        ) from error


def latest(
    tables: Sequence[pd.DataFrame], columns: list[str], key: list[str]
) -> pd.DataFrame:
    """Return all rows in order of a key; of rows with the same one the last counts.

    Parameters
    ----------
    tables : sequence of DataFrame
        With `columns`, in any order.
    columns, key : list of str
        Of the result, and those that tell its rows apart.
    """
    table = pd.concat(tables, ignore_index=True)[columns]
    table = table.drop_duplicates(key, keep="last")
    return table.sort_values(key, ignore_index=True)


def read_strings(path: Path) -> pd.DataFrame:
    """Read a CSV table of any columns, every cell as it is written.

    Returns
    -------
    DataFrame
        Of str.

    Raises
    ------
    InputError
        If it cannot be read, or a row has other than as many cells as the head.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            head, *rows = [row for row in csv.reader(file) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read as CSV: {error}; "
            "delete it and run the workflow again"
        ) from error
    # pandas itself would fill up and shift such rows in silence.
    other = {len(row) for row in rows} - {len(head)}
    if other:
        raise InputError(
            f"{path} has a row of {min(other)} cells, expected {len(head)} as in its "
            "head; delete it and run the workflow again"
        )
    return pd.DataFrame(rows, columns=head, dtype=str)


def read_runs(path: Path, keys: Sequence[str]) -> list[dict]:
    """Read a list of runs, or of what else has files.

    Parameters
    ----------
    path : Path
        A JSON list of objects.
    keys : sequence of str
        That each object needs.

    Returns
    -------
    list of dict
        As it stands in the file.

    Raises
    ------
    InputError
        If it cannot be read, or an object lacks a key.
    """
    runs = parse_json(path)
    wrong = [runs]
    if isinstance(runs, list):
        wrong = [
            r for r in runs if not isinstance(r, dict) or not r.keys() >= set(keys)
        ]
    if wrong:
        raise InputError(
            f"{path} describes a run by {wrong[0]}, expected a list of objects with "
            f"{', '.join(keys)}; correct it"
        )
    return runs


def read_curves(path: Path) -> pd.DataFrame:
    """Read the curves that evaluate.py wrote, with numbers as they are written.

    Raises
    ------
    InputError
        If the file cannot be read, has other columns or lacks lines.
    """
    table = read_table(path, SCORE_COLUMNS)
    points = table.groupby(["slice", "metric"])["threshold"].nunique().unstack()
    uneven = len(table) and (points != points.max()).any(axis=None)
    if uneven or not path.read_bytes().endswith(b"\n"):
        raise InputError(
            f"{path} lacks lines, expected every metric at its thresholds for each "
            "slice; evaluate the prediction again"
        )
    return table


def read_scores(path: Path) -> pd.DataFrame:
    """Read the table of :func:`tidy` with numeric thresholds and values.

    Raises
    ------
    InputError
        If it cannot be read, has other columns or holds text for a number.
    """
    table = read_table(path, RUN_COLUMNS + SCORE_COLUMNS)
    try:
        return table.astype({"threshold": float, "value": float})
    except ValueError as error:
        raise InputError(
            f"{path} holds a threshold or value that is no number ({error}); write it "
            "by table_scores.py"
        ) from error


def tidy(tables: Sequence[pd.DataFrame], runs: Sequence[dict]) -> pd.DataFrame:
    """Put the score tables of all runs into one.

    Parameters
    ----------
    tables : sequence of DataFrame
        `slice` (0-based, or "all"), `metric`, `threshold`, `value`; without
        rows where the labels are unknown.
    runs : sequence of dict
        `dataset`, `split`, `experiment` and `seed` of each table.

    Returns
    -------
    DataFrame
        The columns of the runs, then those of the tables.

    Raises
    ------
    InputError
        If there are none.
    """
    if not runs:
        raise InputError("0 runs are listed, expected at least 1; add one to the list")
    parts = [
        table.assign(**{name: str(run[name]) for name in RUN_COLUMNS})
        for table, run in zip(tables, runs, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)[RUN_COLUMNS + SCORE_COLUMNS]


def refuse_empty(scores: pd.DataFrame) -> None:
    """Raise InputError if there are no scores to compare experiments by."""
    if scores.empty:
        raise InputError(
            "the scores are empty: the labels of the scored slices are unknown; set "
            "run.splits to folds and compare experiments on the training slices"
        )


def best_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return each run's best score of every metric over the thresholds.

    Parameters
    ----------
    scores : DataFrame
        See :func:`tidy`.

    Returns
    -------
    DataFrame
        By dataset, split, experiment and seed, in the order of the table; one column
        a metric.

    Raises
    ------
    InputError
        If a run lacks a metric.
    """
    whole = scores[scores["slice"] == "all"].astype({"value": float})
    values = whole.groupby([*RUN_COLUMNS, "metric"], sort=False)["value"]
    lowest, highest = values.min().unstack(), values.max().unstack()
    best = pd.DataFrame(index=lowest.index)
    for metric in TABLE_METRICS:
        found = highest if metric.higher_is_better else lowest
        column = found.get(metric.name, pd.Series(index=best.index, dtype=float))
        if column.isna().any():
            dataset, split, experiment, seed = column.index[column.isna()][0]
            raise InputError(
                f"split {split}, seed {seed} of {experiment} on {dataset} has no "
                f"{metric.name} for slice 'all', expected a curve over the thresholds; "
                "evaluate it again"
            )
        best[metric.name] = column
    return best
