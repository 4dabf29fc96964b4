"""The thresholds that the challenge sweeps."""

import numpy as np

STEP = 0.1


def sweep(maximum: float = 1.0) -> np.ndarray:
    """Return the thresholds 0, 0.1, ... up to `maximum`.

    The challenge adds 0.1 again and again in double precision, and so visits
    0.30000000000000004 and 0.7999999999999999. A pixel of float32 0.8 or 0.9
    falls on one side or the other by that rounding, so the sum is kept.

    Parameters
    ----------
    maximum : float
        1.0 gives eleven thresholds, 0.9 (warping error) the first ten.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        Ascending, from 0.
    """
    thresholds = []
    threshold = 0.0
    while threshold <= maximum:
        thresholds.append(threshold)
        threshold += STEP
    return np.array(thresholds)
