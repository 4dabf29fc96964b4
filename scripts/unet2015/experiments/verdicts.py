"""Verdicts on claims from pairs of trainings, by a rule that is fixed beforehand.

Each claim says that something helps. An arm is trained without it, a reference with it,
both once for each seed. A claim is *supported* (or *contradicted*) if

- a t test over the paired differences is significant at 5 % after Holm's correction for
  all claims that are decided together,
- the mean difference is at least the smallest effect of interest, the margin, and
- an exact two-sided sign-flip test of the same mean has an unadjusted p of at most 5 %.

What the claim speaks of has *practically no* effect if two one-sided t tests, each at
5 %, put the mean difference within the margin: this is not corrected for the number of
claims. Else the claim is *not decided*.
"""

import numpy as np
from scipy import stats

from unet2015.experiments.intervals import FEWEST

SUPPORTED, CONTRADICTED = "supported", "contradicted"
NONE, OPEN = "practically no effect", "not decided"

LEVEL = 0.05
ROUNDING = 1e-9
"""Part of the sum of all differences' sizes by which equal sums may differ."""


def decide(losses: np.ndarray, margins: np.ndarray, comparisons: int) -> np.ndarray:
    """Give the verdict on each claim.

    Parameters
    ----------
    losses : ndarray, float, shape (..., claims, seeds)
        By how much the arm is worse than the reference, one a seed.
    margins : ndarray, float, shape (claims,)
        Smallest effects of interest, in units of the losses; at least 0.
    comparisons : int
        How many claims are decided together, those without losses so far included.

    Returns
    -------
    ndarray, str, shape (..., claims)
        `SUPPORTED`, `CONTRADICTED`, `NONE` or `OPEN`; the last throughout below
        :data:`unet2015.experiments.intervals.FEWEST` seeds.
    """
    if losses.shape[-1] < FEWEST:
        return np.full(losses.shape[:-1], OPEN)
    means = losses.mean(axis=-1)
    effect = holm(t_test(losses), comparisons) <= LEVEL
    effect &= np.abs(means) >= margins
    for place in zip(*np.nonzero(effect), strict=True):
        effect[place] = sign_flip_test(losses[place]) <= LEVEL
    within = equivalence_test(losses, margins) <= LEVEL
    cases = [effect & (means > 0), effect & (means < 0), within]
    return np.select(cases, [SUPPORTED, CONTRADICTED, NONE], OPEN)


def t_test(differences: np.ndarray, alternative: str = "two-sided") -> np.ndarray:
    """Return p of Student's t test that the mean differs from 0.

    Parameters
    ----------
    differences : ndarray, float, shape (..., n)
        Independent along the last axis.
    alternative : {"two-sided", "greater", "less"}
        What is tested.

    Returns
    -------
    ndarray, float, shape (...)
        In 0..1; 1 if all differences are 0.
    """
    p = stats.ttest_1samp(differences, 0, axis=-1, alternative=alternative).pvalue
    return np.nan_to_num(p, nan=1.0)


def equivalence_test(losses: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return p of two one-sided t tests that the mean lies within the margin.

    Parameters
    ----------
    losses, margins
        See :func:`decide`.

    Returns
    -------
    ndarray, float, shape (..., claims)
        The larger of the two p.

    References
    ----------
    Schuirmann, "A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability", 1987.
    """
    bound = np.asarray(margins)[..., np.newaxis]
    above = t_test(losses + bound, "greater")
    return np.maximum(above, t_test(losses - bound, "less"))


def holm(p: np.ndarray, comparisons: int) -> np.ndarray:
    """Return p adjusted for several comparisons.

    Parameters
    ----------
    p : ndarray, float, shape (..., claims)
        Of as many comparisons as are known.
    comparisons : int
        All of them; those that are not known count as 1.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", 1979.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03]), 3).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, axis=-1)
    raised = np.take_along_axis(p, order, -1) * (comparisons - np.arange(p.shape[-1]))
    raised = np.minimum(np.maximum.accumulate(raised, axis=-1), 1)
    adjusted = np.empty_like(raised)
    np.put_along_axis(adjusted, order, raised, -1)
    return adjusted


def sign_flip_test(differences: np.ndarray) -> float:
    """Return the exact two-sided p of the mean over all 2^n changes of signs.

    Sums of the first and of the second half of the differences are enumerated by
    themselves; sorting one half counts the pairs that reach the sum that was seen.

    Parameters
    ----------
    differences : ndarray, float, shape (n,)
        Up to about 40.

    Returns
    -------
    float
        At least 2 / 2^n: sums that differ by rounding alone count as equal.

    References
    ----------
    Fisher, "The Design of Experiments", 1935, section 21.
    """
    seen = abs(differences.sum()) - ROUNDING * np.abs(differences).sum()
    half = len(differences) // 2
    first, second = _sums(differences[:half]), np.sort(_sums(differences[half:]))
    reached = len(second) - np.searchsorted(second, seen - first)
    return min(1.0, 2 * float(reached.sum()) / 2 ** len(differences))


def _sums(differences: np.ndarray) -> np.ndarray:
    """Return the sums under all changes of signs, shape (2^n,)."""
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums - difference, sums + difference])
    return sums
