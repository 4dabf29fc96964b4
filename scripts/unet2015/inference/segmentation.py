"""Cells of one slice, numbered, from its probabilities."""

import numpy as np
from scipy import ndimage

from unet2015.inference.small_pieces import join_small
from unet2015.metrics import components

THRESHOLD = 0.6
"""What cross-validation chose for V_Rand: the default preset, training slices of ISBI
2012 (`make crossvalidate`, docs/results.md)."""

LEAST = 25
"""Pixels above the threshold that a cell has at least; 97 % of the cells in the
training labels of ISBI 2012 have as many."""


def segment(
    probability: np.ndarray, threshold: float = THRESHOLD, least: int = LEAST
) -> np.ndarray:
    """Return the cells of a slice, numbered.

    The 4-connected pieces above the threshold take the membranes that are nearest to
    them; then pieces that are too small join a neighbour.

    Parameters
    ----------
    probability : ndarray, float32, shape (height, width)
        Of cell interior, 0..1.
    threshold : float
        Interior is what lies above it.
    least : int
        A piece of fewer pixels above the threshold joins the neighbour with which it
        has the longest border.

    Returns
    -------
    ndarray, uint32, shape (height, width)
        1, 2, ... = cells, in the order of their first pixel; 0 throughout if nothing
        lies above the threshold.

    Examples
    --------
    >>> segment(np.array([[0.9, 0.9, 0.1, 0.1, 0.9]]), least=1)
    array([[1, 1, 1, 2, 2]], dtype=uint32)
    """
    pieces = components.label(probability > threshold)
    sizes = np.bincount(pieces.ravel())
    return join_small(_with_membranes(pieces), sizes, least)


def _with_membranes(pieces: np.ndarray) -> np.ndarray:
    """Give each pixel of membrane, 0, to the piece that is nearest to it."""
    membrane = pieces == 0
    if membrane.all():
        return pieces
    nearest = ndimage.distance_transform_edt(
        membrane, return_distances=False, return_indices=True
    )
    return pieces[tuple(nearest)]
