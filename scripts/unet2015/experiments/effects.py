"""What changes if an experiment replaces the reference, or another one that it names.

Each run is compared with the run of the other experiment on the same split with the
same seed. The interval of the mean difference is Student's t of
:mod:`unet2015.experiments.intervals`. Below five splits or, with one split, five seeds
nothing is decided. Claims have a rule of their own:
:mod:`unet2015.experiments.verdicts`.
"""

import argparse
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.intervals import FEWEST, clusters, t_interval
from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.experiments.scores import refuse_empty

NOTHING: Mapping[str, str] = MappingProxyType({})
RUN = ["split", "seed"]
BETTER, WORSE, OPEN = "better", "worse", "not decided"

COLUMNS = [
    "experiment",
    "against",
    "metric",
    "splits",
    "seeds",
    "mean",
    "reference_mean",
    "difference",
    "low",
    "high",
    "verdict",
]


def add_pairs(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what experiments are compared with."""
    parser.add_argument("--reference", required=True, help="experiment compared with")
    parser.add_argument(
        "--against",
        nargs="*",
        default=[],
        metavar="EXPERIMENT=OTHER",
        help="compare it with that one instead",
    )


def read_pairs(words: Sequence[str]) -> dict[str, str]:
    """Return what ``--against`` says, by experiment."""
    return dict(word.split("=") for word in words)


def effects(
    rows: pd.DataFrame, reference: str, against: Mapping[str, str] = NOTHING
) -> pd.DataFrame:
    """Compare every experiment with the reference, or with the one that it names.

    Parameters
    ----------
    rows : DataFrame
        Of one dataset; see :mod:`unet2015.experiments.rows`.
    reference : str
        The experiment that the others are compared with.
    against : mapping of str to str
        By experiment, another one that it is compared with instead.

    Returns
    -------
    DataFrame
        One row an experiment and metric: what it is compared with (`against`, the
        "reference" of the other columns), how many `splits` and `seeds` are behind it,
        the two mean scores, the mean `difference` of runs (experiment less reference)
        with its 95 % interval `low`..`high`, and the `verdict`.

    Raises
    ------
    InputError
        If there are no rows, an experiment that others are compared with has none, or
        a run of one of the two experiments has no pair.
    """
    found = []
    for name, base, ours, theirs in pairs(rows, reference, against):
        for metric in TABLE_METRICS:
            difference = ours[metric.name] - theirs[metric.name]
            independent = clusters(difference)
            estimate = t_interval(independent)
            found.append(
                {
                    "experiment": name,
                    "against": base,
                    "metric": metric.name,
                    **{f"{key}s": difference.index.unique(key).size for key in RUN},
                    "mean": ours[metric.name].mean(),
                    "reference_mean": theirs[metric.name].mean(),
                    **dict(zip(("difference", "low", "high"), estimate, strict=True)),
                    "verdict": verdict(estimate, len(independent), metric),
                }
            )
    return pd.DataFrame(found, columns=COLUMNS)


def pairs(
    rows: pd.DataFrame,
    reference: str,
    against: Mapping[str, str] = NOTHING,
    fewer: bool = False,
) -> list[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Return what is compared with what, and the rows of both run by run.

    Parameters
    ----------
    rows, reference, against
        See :func:`effects`.
    fewer : bool
        Whether an experiment may have fewer runs than what it is compared with.

    Returns
    -------
    list of tuple
        Name of an experiment, name of the other, and the rows of each by split and
        seed, in the same order.

    Raises
    ------
    InputError
        See :func:`effects`.
    """
    refuse_empty(rows)
    own = {
        name: table.set_index(RUN).sort_index()
        for name, table in rows.groupby("experiment", sort=False)
    }
    for base in [reference, *against.values()]:
        if base not in own:
            raise InputError(
                f"the reference {base!r} has no scores, expected one of "
                f"{', '.join(own)}; evaluate it first"
            )
    found = []
    for name in own:
        base = against.get(name, reference)
        if name != base:
            _refuse_unpaired(own, name, base, fewer)
            found.append((name, base, own[name], own[base].loc[own[name].index]))
    return found


def _refuse_unpaired(
    own: Mapping[str, pd.DataFrame], name: str, base: str, fewer: bool
) -> None:
    """Raise InputError if a run of one of two experiments has no pair."""
    ours, theirs = own[name].index, own[base].index
    alone = ours.difference(theirs) if fewer else ours.symmetric_difference(theirs)
    if len(alone):
        split, seed = alone[0]
        raise InputError(
            f"split {split}, seed {seed} of {name} or of {base} is missing, expected "
            "the same runs of both; evaluate them on the same splits and seeds"
        )


def verdict(
    estimate: tuple[float, float, float], independent: int, metric: Metric
) -> str:
    """Tell whether an effect is better or worse, if its interval excludes 0.

    Parameters
    ----------
    estimate : tuple of float
        Mean, low and high of :func:`unet2015.experiments.intervals.t_interval`, from
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
    return BETTER if mean * metric.sign > 0 else WORSE


def titles(table: pd.DataFrame, reference: str) -> dict[str, str]:
    """Return how each experiment is called, with what it is compared with.

    Parameters
    ----------
    table : DataFrame
        See :func:`effects`.
    reference : str
        That needs no mention.
    """
    called = dict(zip(table["experiment"], table["against"], strict=True))
    return {
        name: name if base == reference else f"{name} (against {base})"
        for name, base in called.items()
    }
