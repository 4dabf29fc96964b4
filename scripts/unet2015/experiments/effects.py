"""What changes if an experiment replaces the reference, or another one that it names.

Each slice is compared with itself: its score under the experiment less its score
under the other, for the same split and seed. Both score at a threshold of
their own, the one that is best for the mean curve over all their runs. One
number out of eleven is chosen for each, so neither is favoured, and a shift of
all probabilities, which any threshold undoes, counts for nothing. The interval
of the mean difference is that of :mod:`unet2015.experiments.intervals`; it takes the
thresholds as they are. Below five splits or, with one split, five seeds nothing is
decided. Claims have a rule of their own: :mod:`unet2015.experiments.verdicts`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.intervals import FEWEST, clusters, interval
from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.experiments.scores import refuse_empty
from unet2015.experiments.thresholds import (
    best_threshold,
    by_split,
    mean_curve,
    slice_scores,
)

NOTHING: Mapping[str, str] = MappingProxyType({})
TRAINING = ["split", "seed"]
BETTER, WORSE, OPEN = "better", "worse", "not decided"

COLUMNS = [
    "experiment",
    "against",
    "metric",
    "splits",
    "seeds",
    "slices",
    "threshold",
    "reference_threshold",
    "mean",
    "reference_mean",
    "difference",
    "low",
    "high",
    "verdict",
]


def effects(
    scores: pd.DataFrame, reference: str, against: Mapping[str, str] = NOTHING
) -> pd.DataFrame:
    """Compare every experiment with the reference, or with the one that it names.

    Parameters
    ----------
    scores : DataFrame
        Tidy scores (see :func:`unet2015.experiments.scores.tidy`) of one dataset with
        numeric thresholds and values.
    reference : str
        The experiment that the others are compared with.
    against : mapping of str to str
        By experiment, another one that it is compared with instead.

    Returns
    -------
    DataFrame
        One row an experiment and metric: what it is compared with (`against`, the
        "reference" of the other columns), how many `splits`, `seeds` and
        different `slices` are behind it, the two thresholds and mean scores,
        the mean `difference` of slices (experiment less reference) with its 95 %
        interval `low`..`high`, and the `verdict`.

    Raises
    ------
    InputError
        If there are no scores, an experiment that others are compared with has none, or
        a slice is scored for one of the two experiments only.
    """
    refuse_empty(scores)
    runs = dict(list(scores.groupby("experiment", sort=False)))
    for base in [reference, *against.values()]:
        if base not in runs:
            raise InputError(
                f"the reference {base!r} has no scores, expected one of "
                f"{', '.join(runs)}; evaluate it first"
            )
    found = {
        (name, metric): _at_best_threshold(runs[name], metric)
        for name in runs
        for metric in TABLE_METRICS
    }
    rows = []
    for name, metric in found:
        base = against.get(name, reference)
        if name != base:
            compared = _compared(found[name, metric], found[base, metric], metric)
            rows.append({"experiment": name, "against": base, **compared})
    return pd.DataFrame(rows, columns=COLUMNS)


def training_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return what effects are made of, training by training.

    Parameters
    ----------
    scores : DataFrame
        See :func:`effects`.

    Returns
    -------
    DataFrame
        One row an `experiment`, `split` and `seed`; one column a metric, the mean over
        its slices at the threshold that is best for the experiment.
    """
    columns = {
        metric.name: pd.concat(
            {
                name: _at_best_threshold(own, metric)[1].groupby(TRAINING).mean()
                for name, own in scores.groupby("experiment", sort=False)
            },
            names=["experiment"],
        )
        for metric in TABLE_METRICS
    }
    return pd.DataFrame(columns).reset_index()


def _at_best_threshold(scores: pd.DataFrame, metric: Metric) -> tuple[float, pd.Series]:
    """Return the best threshold of an experiment's mean curve, and its slices there."""
    curve = mean_curve(scores, metric)
    if curve.empty:
        raise InputError(
            f"{scores['experiment'].iloc[0]} has no {metric.name} for slice 'all', "
            "expected a curve over the thresholds; evaluate it again"
        )
    threshold = best_threshold(curve, metric)
    return threshold, slice_scores(scores, metric, threshold)


def _compared(
    ours: tuple[float, pd.Series], base: tuple[float, pd.Series], metric: Metric
) -> dict:
    """Return the row of one experiment and metric, but for the experiment."""
    (threshold, values), (reference_threshold, reference) = ours, base
    parts = differences(values, reference, metric.name)
    mean, low, high = interval(parts)
    return {
        "metric": metric.name,
        "splits": len(parts),
        "seeds": max(len(part) for part in parts),
        "slices": sum(part.shape[1] for part in parts),
        "threshold": threshold,
        "reference_threshold": reference_threshold,
        "mean": values.mean(),
        "reference_mean": reference.mean(),
        "difference": mean,
        "low": low,
        "high": high,
        "verdict": verdict((mean, low, high), clusters(parts), metric),
    }


def differences(
    values: pd.Series, reference: pd.Series, metric: str
) -> list[np.ndarray]:
    """Return values less reference, one array (seeds, slices) a split.

    Parameters
    ----------
    values, reference : Series
        By split, seed and slice; see
        :func:`unet2015.experiments.thresholds.slice_scores`.
    metric : str
        For the message.

    Raises
    ------
    InputError
        If a slice has a score in one of the two only, or not for every seed, or
        one that is no number.
    """
    difference = values.sub(reference)  # not a number where one of the two lacks it
    parts = by_split(difference)
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


def verdict(
    estimate: tuple[float, float, float], independent: int, metric: Metric
) -> str:
    """Tell whether an effect is better or worse, if its interval excludes 0.

    Parameters
    ----------
    estimate : tuple of float
        Mean, low and high of :func:`unet2015.experiments.intervals.interval`, from
        differences.
    independent : int
        How many clusters are behind it; below `FEWEST` nothing is decided.
    metric : Metric
        Whether a positive difference is an improvement.

    Returns
    -------
    str
        `BETTER`, `WORSE` or `OPEN`.
    """
    mean, low, high = estimate
    if independent < FEWEST or low <= 0 <= high:
        return OPEN
    return BETTER if (mean > 0) == metric.higher_is_better else WORSE


def titles(table: pd.DataFrame, reference: str) -> dict[str, str]:
    """Return how each experiment is called, with what it is compared with.

    Parameters
    ----------
    table : DataFrame
        See :func:`effects`.
    reference : str
        That needs no mention.
    """
    pairs = dict(zip(table["experiment"], table["against"], strict=True))
    return {
        name: name if base == reference else f"{name} (against {base})"
        for name, base in pairs.items()
    }
