"""Pixel error: 1 - the best F-score of the pixels, over the thresholds."""

import numpy as np

from unet2015.metrics.f_score import f_score


def counts(label: np.ndarray, proposal: np.ndarray) -> tuple[int, int, int]:
    """Count the pixels of one slice at one threshold.

    Parameters
    ----------
    label, proposal : ndarray, bool, shape (height, width)
        True = cell interior; the proposal is already thresholded (p > t).

    Returns
    -------
    tp, fp, fn : int
        True positives, false positives and false negatives, in pixels.
    """
    tp = np.count_nonzero(label & proposal)
    return tp, np.count_nonzero(proposal) - tp, np.count_nonzero(label) - tp


def curve(slices: np.ndarray) -> np.ndarray:
    """Return 1 - F at each threshold; the score is the smallest value.

    Parameters
    ----------
    slices : ndarray, int64, shape (slices, thresholds, 3)
        tp, fp and fn of `counts`. They are summed over the slices.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        In 0..1, 0 = perfect.
    """
    return np.array([1 - f_score(*total) for total in slices.sum(axis=0)])
