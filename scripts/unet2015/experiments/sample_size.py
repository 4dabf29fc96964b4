"""How many seeds a verdict needs.

Before anything else is trained, trainings of the reference tell how far trainings
differ, and that fixes the number of seeds for all arms; no effect has a part in it.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from unet2015.experiments.intervals import FEWEST
from unet2015.experiments.verdicts import LEVEL

CHOICES = (8, 12, 16, 20)
"""Numbers of seeds of which one is chosen."""

POWER = 0.8
CERTAIN = 50
"""Shift of t at which scipy still computes, and nothing is left to chance."""

MOST = 1000
"""Seeds beyond which no number is named."""


def power(
    effect: float, spread: float, margin: float, seeds: np.ndarray, comparisons: int
) -> np.ndarray:
    """Return how probable a verdict is, and that the right one.

    From the margin on: *supported* or *contradicted*, at the strictest level of Holm's
    correction. Below: *practically no effect*.

    Parameters
    ----------
    effect : float
        True difference.
    spread : float
        Standard deviation of paired differences, at least 0.
    margin : float
        Smallest effect of interest.
    seeds : ndarray, int, shape (n,)
        Numbers of pairs, at least 2.
    comparisons : int
        Claims that are decided together.

    Returns
    -------
    ndarray, float, shape (n,)
        For normal differences; see :func:`unet2015.experiments.verdicts.decide`.

    References
    ----------
    Julious, "Sample sizes for clinical trials with normal data", 2004 (noncentral t).
    """
    effect, root = abs(effect), np.sqrt(seeds) / max(spread, margin / 1000)
    if effect >= margin:
        critical = stats.t.isf(LEVEL / comparisons / 2, seeds - 1)
        significant = _reached(critical, seeds, effect * root)
        return np.minimum(significant, stats.norm.cdf((effect - margin) * root))
    critical = stats.t.isf(LEVEL, seeds - 1)
    sides = [
        _reached(critical, seeds, (margin - side * effect) * root) for side in (1, -1)
    ]
    return np.maximum(sum(sides) - 1, 0)


def _reached(critical: np.ndarray, seeds: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return how often t exceeds a value if it is shifted; far off, always."""
    return stats.nct.sf(critical, seeds - 1, np.minimum(shift, CERTAIN))


def needed(effect: float, spread: float, margin: float, comparisons: int) -> int | None:
    """Return how many seeds would decide an effect like the one that was seen.

    Parameters
    ----------
    effect, spread, margin, comparisons
        See :func:`power`.

    Returns
    -------
    int or None
        The smallest number with a power of 80 %; None if it is more than `MOST`.
    """
    seeds = np.arange(FEWEST, MOST + 1)
    enough = power(effect, spread, margin, seeds, comparisons) >= POWER
    return int(seeds[np.argmax(enough)]) if enough.any() else None


def planned(
    spreads: Sequence[float], margins: Sequence[float], comparisons: int
) -> int:
    """Return the number of seeds for all claims.

    Parameters
    ----------
    spreads : sequence of float
        Of each claim's endpoint: standard deviation among trainings of the reference.
    margins : sequence of float
        Smallest effect of interest of each.
    comparisons : int
        See :func:`power`.

    Returns
    -------
    int
        The smallest of `CHOICES` with a power of 80 % for every claim, at twice its
        margin and, for *practically no effect*, at no effect; else the largest.
    """
    seeds = np.array(CHOICES)
    enough = np.ones(len(seeds), bool)
    for spread, margin in zip(spreads, margins, strict=True):
        pairs = np.sqrt(2) * spread
        for effect in (2 * margin, 0):
            enough &= power(effect, pairs, margin, seeds, comparisons) >= POWER
    return int(seeds[np.argmax(enough)]) if enough.any() else CHOICES[-1]
