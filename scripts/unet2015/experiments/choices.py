"""Whether an experiment may take the place of the reference, by two scores.

Pixel error and V_Info move less from training to training than the other scores, so
they choose: where a value is chosen, by the number of splits on which both are better;
where something is made shorter, by margins within which both have to stay.
"""

from collections.abc import Mapping

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.effects import NOTHING, pairs
from unet2015.experiments.paper_results import TABLE_METRICS

MARGINS = {"pixel_error": 0.0005, "v_info": 0.001}
"""How much worse than the reference an experiment may be that is as good."""

CHOOSING = [metric for metric in TABLE_METRICS if metric.name in MARGINS]
COLUMNS = [
    "experiment",
    "against",
    "steps",
    "minutes",
    *MARGINS,
    "splits",
    "better",
    "as_good",
]


def choices(
    rows: pd.DataFrame, reference: str, against: Mapping[str, str] = NOTHING
) -> pd.DataFrame:
    """Compare every experiment with the reference, or with the one that it names.

    Parameters
    ----------
    rows : DataFrame
        Of one dataset, on splits that hold out training slices; see
        :mod:`unet2015.experiments.rows`. An experiment may have fewer runs than the
        reference: one that has failed on two of five splits needs no more.
    reference, against
        See :func:`unet2015.experiments.effects.effects`.

    Returns
    -------
    DataFrame
        One row an experiment, the fewest steps first: `steps` of a run and its
        `minutes` (median, as some runs are interrupted); for each score of
        :data:`MARGINS` the mean difference, experiment less reference; on how many of
        the `splits` both scores are `better`, each split the mean of its seeds; and
        whether both are worse by at most their margin, `as_good`.

    Raises
    ------
    InputError
        If a row was scored on the test stack, or see
        :func:`unet2015.experiments.effects.effects`.
    """
    if "test" in set(rows["split"]):
        raise InputError(
            "split test is among the rows, expected folds alone; nothing may be chosen "
            "by the test stack: set run.splits to folds"
        )
    found = []
    signs = pd.Series({metric.name: metric.sign for metric in CHOOSING})
    for name, base, ours, theirs in pairs(rows, reference, against, fewer=True):
        differences = ours[signs.index] - theirs[signs.index]
        gains = (differences * signs).groupby(level="split").mean()
        found.append(
            {
                "experiment": name,
                "against": base,
                "steps": ours["steps"].mean(),
                "minutes": ours["seconds"].median() / 60,
                **differences.mean(),
                "splits": len(gains),
                "better": int((gains > 0).all(axis=1).sum()),
                "as_good": bool((gains.mean() >= -pd.Series(MARGINS)).all()),
            }
        )
    return pd.DataFrame(found, columns=COLUMNS).sort_values("steps", kind="stable")
