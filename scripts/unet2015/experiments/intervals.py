"""How far a mean over splits, seeds and slices can be trusted.

Scores are not independent: all slices of a split are predicted by the same trainings,
and neighbouring slices show the same cells. So a mean is as certain as the means of its
largest independent groups, the clusters: splits if there are several, else trainings
(seeds); of a single training, blocks of neighbouring slices. Student's t of the
clusters' means gives the interval. It knows nothing of what there is only one of: with
one split it says nothing of other tissue, with one training nothing of other trainings.

Resampling with replacement, which is usual for many clusters, misses the truth too
often for few: a 95 % interval from two folds and two seeds did in 10 to 13 % of cases.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit  # scipy.stats would take a second to import

BLOCK = 3
"""Slices of a block: 150 nm of ISBI 2012, over which the same cells are seen."""

FEWEST = 5
"""Clusters below which nothing is decided: the interval then hangs on a single one."""


def t_interval(
    values: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Return the weighted mean of independent values and its 95 % interval.

    Parameters
    ----------
    values : ndarray, float, shape (clusters,)
        One a cluster.
    weights : ndarray, float, shape (clusters,), optional
        More than 0; equal if left out.

    Returns
    -------
    mean, low, high : float
        `low` and `high` are not numbers for a single cluster.

    References
    ----------
    Cochran, "Sampling Techniques", 1977, section 2.11 (ratio estimate, whose deviations
    with equal weights are those of Student's t).
    """
    count = len(values)
    mean = np.average(values, weights=weights)
    shares = 1.0 if weights is None else count * weights / np.sum(weights)
    error = np.sqrt(np.sum((shares * (values - mean)) ** 2) / count / max(count - 1, 1))
    reach = error * stdtrit(count - 1, 0.975)  # not a number if count is 1
    return float(mean), float(mean - reach), float(mean + reach)


def interval_of_slices(part: np.ndarray) -> tuple[float, float, float]:
    """Return the mean over the slices of a split and its 95 % interval.

    Parameters
    ----------
    part : ndarray, float, shape (seeds, slices)
        Neighbouring slices beside each other; finite.

    Returns
    -------
    mean, low, high : float
        Of slices like these, for trainings as they are: the clusters are blocks of
        :data:`BLOCK` neighbouring slices.
    """
    slices = part.mean(axis=0)
    blocks = np.array_split(slices, -(-len(slices) // BLOCK))
    sizes = np.array([len(block) for block in blocks], float)
    return t_interval(np.array([block.mean() for block in blocks]), sizes)


def clusters(values: pd.Series) -> np.ndarray:
    """Return the means of the largest independent groups of runs.

    Parameters
    ----------
    values : Series
        Float, by `split` and `seed`; one a run.

    Returns
    -------
    ndarray, float64
        One a split if there are several, else one a seed.
    """
    by_split = values.groupby(level="split").mean()
    return (by_split if len(by_split) > 1 else values).to_numpy()
