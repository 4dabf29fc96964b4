"""Rand error and V_Rand: the foreground-restricted F-score of pairs of pixels.

Two pixels are a positive pair if they lie in the same segment. Only ground-truth
foreground counts, and a pixel of it that the proposal calls membrane is a
segment of its own.

The Rand error, 1 - F with the pairs of all slices summed, is the score of the
challenge's first board and of the U-Net paper's table 1. V_Rand, the mean F of
the slices, is that of the later board: the proposal's borders are thinned
(`thinning`) first, so that their width does not count; the ground truth is not.
"""

import numpy as np

from unet2015.metrics.contingency import Contingency
from unet2015.metrics.f_score import f_score, precision


def counts(table: Contingency) -> tuple[int, int, int]:
    """Count the pairs of pixels of one slice at one threshold.

    With u the unmatched pixels:
    S_A = sum_i (sum_{j>=0} c_ij)^2, S_B = sum_{j>=1} (sum_i c_ij)^2 + u and
    S_AB = sum_{i,j>=1} c_ij^2 + u.

    Parameters
    ----------
    table : Contingency
        Ground truth against the 4-connected components of p > t, for V_Rand thinned.

    Returns
    -------
    tp, fp, fn : int
        S_AB, S_B - S_AB and S_A - S_AB; all 0 without ground-truth foreground.
    """
    u = int(table.unmatched)
    s_a = int(np.dot(table.rows, table.rows))
    s_b = int(np.dot(table.columns, table.columns)) + u
    s_ab = int(np.dot(table.cells, table.cells)) + u
    return s_ab, s_b - s_ab, s_a - s_ab


def error_curve(slices: np.ndarray) -> np.ndarray:
    """Return the Rand error at each threshold; the score is the smallest value.

    Parameters
    ----------
    slices : ndarray, int64, shape (slices, thresholds, 3)
        tp, fp and fn of `counts`. They are summed over the slices.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        In 0..1, 0 = perfect. 1 where a slice has no ground-truth foreground:
        the challenge divides by its number of pixels, and one slice without
        any spoils the sum of them all.
    """
    empty = (slices.sum(axis=2) == 0).any(axis=0)
    scores = [f_score(*total) for total in slices.sum(axis=0)]
    return 1 - np.where(empty, 0.0, scores)


def v_rand(table: Contingency) -> float:
    """Return the Rand F-score of one slice at one threshold.

    Parameters
    ----------
    table : Contingency
        Ground truth against the thinned proposal.

    Returns
    -------
    float
        In 0..1, 1 = perfect; 0 without ground-truth foreground.

    See Also
    --------
    unet2015.metrics.v_info.v_info : The same segments by entropy instead of pairs.
    """
    if table.rows.size == 0:
        return 0.0
    return f_score(*counts(table))


def v_rand_parts(table: Contingency) -> tuple[float, float]:
    """Return the parts of :func:`v_rand`, which is their harmonic mean.

    Parameters
    ----------
    table : Contingency
        Ground truth against the thinned proposal.

    Returns
    -------
    merges, splits : float
        In 0..1, 1 = none. Of the pairs that the proposal joins, the fraction that
        belongs together (S_AB / S_B); of those that belong together, the fraction
        that it joins (S_AB / S_A). Both 0 without ground-truth foreground.
    """
    if table.rows.size == 0:
        return 0.0, 0.0
    tp, fp, fn = counts(table)
    return precision(tp, fp), precision(tp, fn)
