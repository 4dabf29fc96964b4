"""Checks of labels that weight maps are made of: ids of cells, or masks."""

import numpy as np

from unet2015.data.stacks import INTERIOR, MEMBRANE, UNKNOWN
from unet2015.errors import InputError

LARGEST_ID = np.iinfo(np.int32).max


def check_instances(instances: np.ndarray, name: str) -> np.ndarray:
    """Return `instances` if they are slices of cell ids, 0..2³¹ - 1.

    Parameters
    ----------
    instances : ndarray, int, shape (slices, height, width)
        0 = background.
    name : str
        What errors call them.

    Raises
    ------
    InputError
        If they are no stack, no integers, or negative or too large.
    """
    if instances.ndim != 3 or not np.issubdtype(instances.dtype, np.integer):
        raise InputError(
            f"{name} has shape {instances.shape} and dtype {instances.dtype}, expected "
            "whole numbers (slices, height, width), 0 = background; convert the ids to "
            "int32"
        )
    low, high = instances.min(), instances.max()
    if low < 0 or high > LARGEST_ID:
        raise InputError(
            f"{name} spans {low}..{high}, expected ids 0..{LARGEST_ID}; "
            "number the cells anew"
        )
    return instances


def check_masks(labels: np.ndarray, name: str) -> np.ndarray:
    """Return `labels` if they are slices of 255 (interior), 0 and 127 (unknown).

    Parameters
    ----------
    labels : ndarray, uint8, shape (samples, height, width)
        May be mapped from a file.
    name : str
        What errors call them.

    Raises
    ------
    InputError
        If they are no uint8 stack or hold another value.
    """
    if labels.ndim != 3 or labels.dtype != np.uint8:
        raise InputError(
            f"{name} has shape {labels.shape} and dtype {labels.dtype}, expected uint8 "
            "(samples, height, width); give the labels that augment.py writes"
        )
    for part in labels:  # one by one: the array may be larger than the memory
        other = part[~np.isin(part, (INTERIOR, MEMBRANE, UNKNOWN))]
        if other.size:
            raise InputError(
                f"{name} holds the value {other[0]}, expected 255 = cell interior, "
                "0 = membrane and 127 = unknown; threshold the labels first, "
                "or say --instances"
            )
    return labels
