"""V_Rand after thinning: the Rand F-score that ignores the width of borders.

The score of the challenge's later board. The counts are those of
`rand_error`, with the proposal's borders thinned (`thinning`); the ground
truth is not thinned.
"""

import numpy as np

from unet2015.metrics import rand_error
from unet2015.metrics.contingency import Contingency
from unet2015.metrics.f_score import f_score


def score(table: Contingency) -> float:
    """Return the Rand F-score of one slice at one threshold.

    Parameters
    ----------
    table : Contingency
        Ground truth against the thinned proposal.

    Returns
    -------
    float
        In 0..1, 1 = perfect; 0 without ground-truth foreground.
    """
    if table.rows.size == 0:
        return 0.0
    return f_score(*rand_error.counts(table))


def curve(slices: np.ndarray) -> np.ndarray:
    """Return the mean score at each threshold; the largest is the score.

    Parameters
    ----------
    slices : ndarray, float64, shape (slices, thresholds)
        `score` of each slice.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        In 0..1, 1 = perfect.
    """
    return slices.mean(axis=0)
