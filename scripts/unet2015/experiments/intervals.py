"""How far a mean over splits, seeds and slices can be trusted.

Scores are not independent. All slices of a split are predicted by the same
trained models, and neighbouring slices show the same cells. So whole groups are
resampled, the largest first:

1. splits, with replacement;
2. within each drawn split its seeds, with replacement: each is a training;
3. within it blocks of `BLOCK` neighbouring slices, the same for all its seeds,
   since a slice is the same image to each of them.

What there is only one of is not resampled: with one split and one seed the
interval tells nothing of other trainings or other parts of the tissue.
"""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 10_000
BLOCK = 3
"""Slices of a block: 150 nm of ISBI 2012, over which the same cells are seen."""


def interval(parts: Sequence[np.ndarray], seed: int = 0) -> tuple[float, float, float]:
    """Return the mean over all slices and its 95 % percentile interval.

    Parameters
    ----------
    parts : sequence of ndarray, float, shape (seeds, slices)
        One a split, neighbouring slices beside each other; finite.
    seed : int
        Of the resampling.

    Returns
    -------
    mean, low, high : float
        Every slice weighs the same, whichever split it belongs to.

    References
    ----------
    Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8
    (hierarchical bootstrap).

    Politis and Romano, "A circular block-resampling procedure for stationary data",
    1992 (circular blocks).
    """
    slices = [part.shape[1] for part in parts]
    mean = np.average([part.mean() for part in parts], weights=slices)
    low, high = np.percentile(resampled_means(parts, seed), [2.5, 97.5])
    return float(mean), float(low), float(high)


def resampled_means(parts: Sequence[np.ndarray], seed: int = 0) -> np.ndarray:
    """Return the mean of each resample, float64, shape (RESAMPLES,)."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(parts), size=(RESAMPLES, len(parts)))
    total, slices = np.zeros(RESAMPLES), np.zeros(RESAMPLES)
    for split, part in enumerate(parts):
        resample, place = np.nonzero(drawn == split)
        # A split that is drawn twice gets other seeds and slices each time.
        means = _means_within(part, len(place), rng) * part.shape[1]
        total += np.bincount(resample, means, RESAMPLES)
        slices += np.bincount(resample, minlength=RESAMPLES) * part.shape[1]
    return total / slices


def _means_within(part: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return means of resampled seeds and slices of one split, shape (count,)."""
    seeds, slices = part.shape
    trainings = rng.integers(seeds, size=(count, seeds))
    # Two blocks at least: a single one would always hold every slice.
    length = max(1, min(BLOCK, slices // 2))
    first = rng.integers(slices, size=(count, -(-slices // length)))
    # After the last slice comes the first, so that each is drawn equally often.
    blocks = (first[..., None] + np.arange(length)) % slices
    images = blocks.reshape(count, -1)[:, :slices]
    return part[trainings[:, :, None], images[:, None, :]].mean(axis=(1, 2))
