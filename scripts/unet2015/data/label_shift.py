"""Whether labels lie on their slices, or on those one above or below."""

import numpy as np

from unet2015.data.stacks import INTERIOR, MEMBRANE

FACTOR = 1.5
"""Contrast that a neighbour must have over the slice itself to be believed.

On ISBI 2012, grey levels of interior and membrane differ by 52 on the labelled
slices and by 12 on their neighbours.
"""

LEAST = 10.0
"""Grey levels of contrast below which nothing is believed: noise gives some too."""


def contrast(volume: np.ndarray, labels: np.ndarray, shift: int = 0) -> float:
    """Return by how much brighter the interior is than the membrane.

    Parameters
    ----------
    volume : ndarray, shape (slices, height, width), uint8
        Grey levels.
    labels : ndarray of the same shape, uint8
        255 = cell interior, 0 = membrane, 127 = unknown.
    shift : int
        Labels of slice i are laid on slice i + `shift`.

    Returns
    -------
    float
        Difference of the means, grey levels; negative if it is darker, 0 without
        interior, without membrane or without slices in common.
    """
    sums, counts = np.zeros(2), np.zeros(2)
    for index, truth in enumerate(labels):
        if 0 <= index + shift < len(volume):
            for kind, label in enumerate((MEMBRANE, INTERIOR)):
                grey = volume[index + shift][truth == label]
                sums[kind] += grey.sum(dtype=float)
                counts[kind] += grey.size
    if not counts.all():
        return 0.0
    means = sums / counts
    return float(means[1] - means[0])


def shift_of(volume: np.ndarray, labels: np.ndarray) -> int:
    """Return on which neighbour labels fit better than on the slice itself.

    Parameters
    ----------
    volume, labels
        See :func:`contrast`.

    Returns
    -------
    int
        1 or -1 if the labels of slice i seem to be those of slice i + 1 or i - 1, else
        0. A hint, no proof: the polarity of the grey levels is not presumed.
    """
    found = {shift: abs(contrast(volume, labels, shift)) for shift in (-1, 0, 1)}
    best = max((-1, 1), key=found.get)
    return best if found[best] > FACTOR * found[0] and found[best] >= LEAST else 0
