"""V_Info after thinning: shared information of ground truth and proposal.

Mutual information of the two segmentations over the mean of their entropies,
restricted to the ground-truth foreground. The proposal's borders are thinned
(`thinning`); the ground truth is not.
"""

import numpy as np

from unet2015.metrics.contingency import Contingency


def v_info(table: Contingency) -> float:
    """Return the information score of one slice at one threshold.

    With n foreground pixels, p = c / n and u' = u / n:
    H_A = -sum_i a_i ln a_i, H_B = -sum_{j>=1} b_j ln b_j + u' ln n and
    H_AB = -sum_{i,j>=1} p_ij ln p_ij + u' ln n; the score is
    2 (H_A + H_B - H_AB) / (H_A + H_B).

    Parameters
    ----------
    table : Contingency
        Ground truth against the thinned proposal.

    Returns
    -------
    float
        In 0..1, 1 = perfect. 0 if one of the two has no entropy: no
        foreground, or a single segment.

    See Also
    --------
    unet2015.metrics.rand.v_rand : The same segments by pairs instead of entropy.
    """
    h_a, h_b, h_ab = _entropies(table)
    if h_a == 0 or h_b == 0:
        return 0.0
    return float(2 * (h_a + h_b - h_ab) / (h_a + h_b))


def v_info_parts(table: Contingency) -> tuple[float, float]:
    """Return the parts of :func:`v_info`, which is their harmonic mean.

    Parameters
    ----------
    table : Contingency
        Ground truth against the thinned proposal.

    Returns
    -------
    merges, splits : float
        In 0..1, 1 = none: the shared information over the entropy of the ground
        truth, which merged segments do not reach, and over that of the proposal,
        which split segments add to. Both 0 where the score is.
    """
    h_a, h_b, h_ab = _entropies(table)
    if h_a == 0 or h_b == 0:
        return 0.0, 0.0
    shared = h_a + h_b - h_ab
    return float(shared / h_a), float(shared / h_b)


def _entropies(table: Contingency) -> tuple[float, float, float]:
    """Return H_A, H_B and H_AB; all 0 without foreground."""
    n = int(table.rows.sum())
    if n == 0:
        return 0.0, 0.0, 0.0
    alone = int(table.unmatched) / n * np.log(n)
    return (
        _entropy(table.rows / n),
        _entropy(table.columns / n) + alone,
        _entropy(table.cells / n) + alone,
    )


def _entropy(p: np.ndarray) -> float:
    """Return -sum p ln p in nats; 0 ln 0 = 0."""
    p = p[p > 0]
    return -float(np.dot(p, np.log(p)))
