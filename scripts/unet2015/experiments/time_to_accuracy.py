"""Scores on held-out slices against the time that training took."""

from collections.abc import Sequence

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.scores import refuse_empty

SHOWN = [metric for metric in TABLE_METRICS if metric.name in ("v_rand", "v_info")]


def points(rows: pd.DataFrame, experiments: Sequence[str]) -> pd.DataFrame:
    """Return one point an experiment and seed.

    Parameters
    ----------
    rows : DataFrame
        See :mod:`unet2015.experiments.rows`.
    experiments : sequence of str
        Those that are shown.

    Returns
    -------
    DataFrame
        By experiment and seed: `steps` of a run and each score of :data:`SHOWN`, means
        over the splits, and `minutes`, the median of the experiment, as some runs are
        interrupted. The fastest first.

    Raises
    ------
    InputError
        If there are no rows, or an experiment has none.
    """
    refuse_empty(rows)
    lacking = [name for name in experiments if name not in set(rows["experiment"])]
    if lacking:
        raise InputError(f"{lacking[0]} has no row, expected one a run; evaluate it")
    chosen = rows[rows["experiment"].isin(experiments)]
    minutes = chosen.groupby("experiment")["seconds"].median() / 60
    names = ["steps", *(metric.name for metric in SHOWN)]
    found = chosen.groupby(["experiment", "seed"])[names].mean()
    return found.join(minutes.rename("minutes")).sort_values("minutes")
