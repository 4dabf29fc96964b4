"""Labels that number the cells, as masks of interior and membrane."""

import numpy as np

from unet2015.data.stacks import INTERIOR, MEMBRANE
from unet2015.errors import InputError


def mask_of(ids: np.ndarray, name: str) -> np.ndarray:
    """Return cells as a mask; where two touch, membrane parts them.

    Parameters
    ----------
    ids : ndarray, shape (slices, height, width)
        0 = membrane, other whole numbers = cells; of any type.
    name : str
        What the message calls it, usually the path.

    Returns
    -------
    ndarray, uint8
        255 = interior, 0 = membrane, which pixels that another cell lies above,
        below, left or right of are too.

    Raises
    ------
    InputError
        If a value is negative or no whole number, if there are two values that may be
        classes, or if more than half of the cells' pixels touch another cell.
    """
    low, high = ids.min(), ids.max()
    if not (low >= 0 and (ids == np.floor(ids)).all()):
        raise InputError(
            f"{name} spans {low}..{high} ({ids.dtype}), expected whole numbers from 0, "
            "0 = membrane; convert the labels"
        )
    if low > 0 and high - low == 1:
        raise InputError(
            f"{name} holds the values {low} and {high}, which may be classes or cells, "
            "expected 255 = cell interior and 0 = membrane; convert the labels"
        )
    cells = ids != 0
    apart = cells.copy()
    for axis in (1, 2):
        one, other = (np.moveaxis(ids, axis, 0)[part] for part in BESIDE)
        touching = (one != other) & (one != 0) & (other != 0)
        for part in BESIDE:
            np.moveaxis(apart, axis, 0)[part] &= ~touching
    if 2 * np.count_nonzero(apart) < np.count_nonzero(cells):
        raise InputError(
            f"{name} holds the values {low}..{high} and most pixels touch another "
            "value, expected labels: 255 = cell interior and 0 = membrane, or numbered "
            "cells; give the labels, not the image"
        )
    return np.where(apart, np.uint8(INTERIOR), np.uint8(MEMBRANE))


BESIDE = (slice(None, -1), slice(1, None))
"""Pixels but the last, and those after them."""
