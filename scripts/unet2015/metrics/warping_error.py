"""Warping error: pixels that split or merge cells, after warping the labels.

The labels are warped towards the proposal by flips that keep their topology
(Jain et al. 2010), so that a shifted border
costs nothing. An all-membrane proposal scores 0: never tune on it alone.
"""

import numpy as np

from unet2015.metrics import components, mismatches, simple_points


def counts(
    label: np.ndarray, proposal: np.ndarray, threshold: float
) -> tuple[int, int, int]:
    """Count the topological errors of one slice at one threshold.

    Parameters
    ----------
    label : ndarray, bool, shape (height, width)
        True = cell interior.
    proposal : ndarray, float64, shape (height, width)
        float32 probabilities of cell interior in double precision.
    threshold : float
        t; the proposal's foreground is p > t.

    Returns
    -------
    splits, merges, mismatches : int
        Pixels that split a cell, pixels that merge cells, and all pixels that
        the warping could not bring to agree, ignored ones included.
    """
    warped, left = warp(label, proposal, threshold)
    splits, merges = mismatches.classify(components.label(warped), left)
    return splits, merges, len(left)


def warp(
    label: np.ndarray, proposal: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Warp the labels towards the proposal by flips of simple points.

    The pixels of which the proposal is surest go first: descending
    float32(|p - t|), ties by x, then y. That key does not change during the
    warping, and flips only remove mismatches, so one sort serves all passes.

    Parameters
    ----------
    label, proposal, threshold
        As for `counts`.

    Returns
    -------
    warped : ndarray, uint8, shape (height, width)
        The labels where no simple mismatch is left; 1 = cell interior.
    left : ndarray, int64, shape (mismatches, 2)
        y and x of the mismatches that are not simple.

    References
    ----------
    Jain et al., "Boundary learning by optimization with topological constraints",
    CVPR 2010, doi:10.1109/CVPR.2010.5539950.
    """
    x, y = np.nonzero((label != (proposal > threshold)).T)
    margin = np.abs(proposal[y, x] - threshold).astype(np.float32)
    order = np.argsort(-margin, kind="stable")
    framed = np.pad(label.astype(np.uint8), 1)
    candidates = np.ravel_multi_index((y[order] + 1, x[order] + 1), framed.shape)
    left = simple_points.relax(framed, candidates)
    positions = np.stack(np.unravel_index(left, framed.shape), axis=1) - 1
    return framed[1:-1, 1:-1].copy(), positions


def curve(slices: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return the error at each threshold; the score is the smallest value.

    Parameters
    ----------
    slices : ndarray, int64, shape (slices, thresholds, 3)
        `counts` of each slice; splits and merges are summed.
    pixels : ndarray, int64, shape (slices,)
        Pixels of each slice whose labels are known.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        (split pixels + merge pixels) / all known pixels, in 0..1, 0 = perfect.
    """
    return slices[:, :, :2].sum(axis=(0, 2)) / pixels.sum()
