"""Scores on held-out slices against the time that training took."""

from collections.abc import Sequence

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.experiments.thresholds import best_threshold, mean_curve, scores_at

SHOWN = [metric for metric in TABLE_METRICS if metric.name in ("v_rand", "v_info")]
KEYS = ["experiment", "split", "seed"]


def trainings(runs: Sequence[dict], records: Sequence[dict]) -> pd.DataFrame:
    """Return steps and minutes of the training of each run.

    Parameters
    ----------
    runs : sequence of dict
        `experiment`, `split` and `seed`, texts; named once for each network that the
        run averages.
    records : sequence of dict
        The run.json of each network: at least `steps` and `seconds`, which add up.

    Returns
    -------
    DataFrame
        `experiment`, `split`, `seed`, `steps`, `minutes`.

    Raises
    ------
    InputError
        If there are not as many runs as records, or one lacks a key.
    """
    if len(runs) != len(records):
        raise InputError(
            f"{len(records)} records for {len(runs)} runs, expected as many; give one "
            "record a training"
        )
    rows = []
    for run, record in zip(runs, records, strict=True):
        lacking = [key for key in KEYS if key not in run]
        lacking += [key for key in ("steps", "seconds") if key not in record]
        if lacking:
            raise InputError(
                f"a training lacks {', '.join(lacking)}; list the runs, each with the "
                "run.json of its trainings"
            )
        run = {key: str(run[key]) for key in KEYS}
        minutes = record["seconds"] / 60
        rows.append(run | {"steps": record["steps"], "minutes": minutes})
    table = pd.DataFrame(rows, columns=[*KEYS, "steps", "minutes"])
    return table.groupby(KEYS, sort=False, as_index=False).sum()


def points(scores: pd.DataFrame, trained: pd.DataFrame) -> pd.DataFrame:
    """Return one point an experiment: means over its runs, and their spread.

    Parameters
    ----------
    scores : DataFrame
        Tidy scores (see :func:`unet2015.experiments.scores.tidy`) with numeric
        thresholds and values. Each score counts at the threshold that is best for the
        mean curve of its experiment.
    trained : DataFrame
        See :func:`trainings`.

    Returns
    -------
    DataFrame
        By experiment, fastest first: `steps`, `runs`, and mean and sample
        standard deviation (0 for one run) of the `minutes` and of each score of
        :data:`SHOWN`, such as `v_rand_mean` and `v_rand_std`.

    Raises
    ------
    InputError
        If a training has no score.
    """
    joined = trained.set_index(KEYS)
    own = [scores[scores["experiment"] == name] for name in joined.index.unique(0)]
    for metric in SHOWN:
        joined[metric.name] = pd.concat([_run_scores(part, metric) for part in own])
    if joined.isna().any(axis=None):
        experiment, split, seed = joined.index[joined.isna().any(axis=1)][0]
        raise InputError(
            f"{experiment} on split {split}, seed {seed}, has no score, expected one a "
            "training; set run.splits to slices with labels and evaluate it"
        )
    grouped = joined.groupby("experiment")
    values = grouped[["minutes", *(metric.name for metric in SHOWN)]]
    parts = [
        grouped["steps"].first(),
        grouped.size().rename("runs"),
        values.mean().add_suffix("_mean"),
        values.std().fillna(0).add_suffix("_std"),
    ]
    return pd.concat(parts, axis=1).sort_values("minutes_mean")


def _run_scores(scores: pd.DataFrame, metric: Metric) -> pd.Series:
    """Return each run's score of the whole split at the experiment's threshold."""
    curve = mean_curve(scores, metric)
    if curve.empty:
        return pd.Series(dtype=float)
    chosen = scores_at(scores, metric, best_threshold(curve, metric))
    return chosen[chosen["slice"] == "all"].set_index(KEYS)["value"]
