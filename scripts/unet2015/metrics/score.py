"""One score of the challenge: the best value over the thresholds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """A metric's result on a stack.

    Attributes
    ----------
    value : float
        The score: the best value of `curve`.
    threshold : float
        The first threshold with that value.
    curve : ndarray, float64, shape (thresholds,)
        The score's own value at each threshold: 1 - F for the pixel and Rand
        error, the error for warping, the score for V_Rand and V_Info.
    slices : ndarray, float64, shape (slices, thresholds)
        The curve of each slice alone, by the same definition.
    seconds : float
        Processor time of the steps that the metric needs, summed over slices
        and threads. Steps that metrics share count in each of them.
    """

    value: float
    threshold: float
    curve: np.ndarray
    slices: np.ndarray
    seconds: float


def best(
    curve: np.ndarray,
    slices: np.ndarray,
    thresholds: np.ndarray,
    lower_is_better: bool,
    seconds: float,
) -> Score:
    """Choose the best threshold, as the challenge does on the stack it scores.

    Parameters
    ----------
    curve : ndarray, float64, shape (thresholds,)
        Value at each threshold.
    slices : ndarray, float64, shape (slices, thresholds)
        The same for each slice.
    thresholds : ndarray, float64, shape (at least thresholds,)
        Ascending.
    lower_is_better : bool
        True for errors.
    seconds : float
        See `Score`.
    """
    k = int(np.argmin(curve) if lower_is_better else np.argmax(curve))
    return Score(float(curve[k]), float(thresholds[k]), curve, slices, seconds)
