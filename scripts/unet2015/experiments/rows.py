"""Rows of runs, one each: what experiments are compared by, and what lasts of them.

Each score of a run is taken at the threshold that is best for it on the scored slices,
as the challenge takes it, so that runs stay independent of each other.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.scores import RUN_COLUMNS, read_rows_of, refuse_empty
from unet2015.settings import read_json

SCORES = [metric.name for metric in TABLE_METRICS]
SUMS = ["steps", "seconds"]
MADE = ["device", "precision", "torch", "commit"]
COLUMNS = [*RUN_COLUMNS, *SCORES, *SUMS, *MADE, "settings"]
NUMBERS = {"seed": int, "steps": int, "seconds": float, **dict.fromkeys(SCORES, float)}


def row(run: dict) -> dict | None:
    """Return the row of a run from its files.

    Parameters
    ----------
    run : dict
        `dataset`, `experiment`, `split`, `seed` and `settings` (what tells it from runs
        of the same name that were made otherwise); `scores`, the path of the JSON of
        evaluate.py; `records`, those of the run.json of each network that it averages.

    Returns
    -------
    dict or None
        By :data:`COLUMNS`, `steps` and `seconds` those of all networks; None if the
        labels are unknown, so that there is no score.

    Raises
    ------
    InputError
        If a file cannot be read or lacks a key.
    """
    scores = read_json(run["scores"])
    if not scores:
        return None
    records = [read_json(path) for path in run["records"]]
    try:
        found = {name: scores[name]["value"] for name in SCORES}
        found |= {name: sum(record[name] for record in records) for name in SUMS}
        found |= {name: records[0][name] for name in MADE}
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{run['scores']} or a run.json of {run['experiment']} lacks {error}; "
            "train and evaluate again"
        ) from error
    return {**found, **{name: run[name] for name in (*RUN_COLUMNS, "settings")}}


def read_rows(path: Path) -> pd.DataFrame:
    """Read a table of rows.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column or holds text for a number.
    """
    return read_rows_of(path, COLUMNS, NUMBERS, "runs", "table_rows.py")


def gathered(runs: Sequence[dict], known: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the listed runs: known, or made from their files.

    Parameters
    ----------
    runs : sequence of dict
        See :func:`row`; one whose row is known may lack `scores` and `records`.
    known : sequence of DataFrame
        Rows from before; of the same run the last counts.

    Returns
    -------
    DataFrame
        In the order of the runs. Rows that are known and not listed are left out.

    Raises
    ------
    InputError
        If a run has neither a row nor files, or a row was made with other settings.
    """
    before = {
        tuple(each[name] for name in RUN_COLUMNS): each
        for table in known
        for each in table.to_dict("records")
    }
    rows = [row(run) if "scores" in run else _known(run, before) for run in runs]
    made = [each for each in rows if each is not None]
    return pd.DataFrame(made, columns=COLUMNS).astype(NUMBERS)


def _known(run: dict, rows: Mapping[tuple, dict]) -> dict:
    """Return the row of a run, of rows by what names their runs."""
    name = f"{run['experiment']} on {run['split']}, seed {run['seed']}"
    found = rows.get(tuple(run[each] for each in RUN_COLUMNS))
    if found is None:
        raise InputError(f"{name} has no scores and no row; run it or give its row")
    if found["settings"] != run["settings"]:
        raise InputError(
            f"the row of {name} was made with settings {found['settings']}, "
            f"expected {run['settings']}; undo what changed, or delete the row"
        )
    return found


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation of the runs' scores, by experiment.

    Raises
    ------
    InputError
        If there are no rows, because the labels are unknown.
    """
    refuse_empty(rows)
    grouped = rows.groupby("experiment", sort=False)
    return pd.concat(
        [
            grouped.size().rename("runs"),
            grouped[SCORES].mean().add_suffix("_mean"),
            grouped[SCORES].std().add_suffix("_std"),
        ],
        axis=1,
    )
