"""What can be counted and measured on slices and their labels."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from unet2015.data.stacks import INTERIOR, MEMBRANE, UNKNOWN, interior_fraction
from unet2015.data.usable import spanned

SPECK = 25
"""Pixels below which a piece is no cell; as small as `unet2015 segment` joins."""


class SliceMeasures(NamedTuple):
    """Of one slice; cells are 4-connected pieces of interior."""

    mean: float  # grey level
    contrast: float  # grey levels, see spanned
    known: float  # part of the pixels whose label is known, 0..1
    interior: float  # part of these that is cell interior, 0..1
    cells: int
    median_cell: float  # px; 0 without cells
    largest: float  # part of the interior that the largest cell covers, 0..1
    specks: int  # cells below SPECK


def measure_slice(image: np.ndarray, labels: np.ndarray) -> SliceMeasures:
    """Measure one slice.

    Parameters
    ----------
    image, labels : ndarray, uint8, shape (height, width)
        Grey levels; 255 = interior, 0 = membrane, 127 = unknown.
    """
    pieces, count = ndimage.label(labels == INTERIOR)
    sizes = np.bincount(pieces.ravel(), minlength=1)[1:]
    return SliceMeasures(
        mean=float(image.mean()),
        contrast=spanned(image),
        known=float(np.mean(labels != UNKNOWN)),
        interior=interior_fraction(labels),
        cells=count,
        median_cell=float(np.median(sizes)) if count else 0.0,
        largest=float(sizes.max() / sizes.sum()) if count else 0.0,
        specks=int(np.count_nonzero(sizes < SPECK)),
    )


def membrane_width(labels: np.ndarray) -> float:
    """Return how wide membranes are, pixels.

    Parameters
    ----------
    labels : ndarray, uint8, shape (slices, height, width)
        255 = interior, 0 = membrane, 127 = unknown.

    Returns
    -------
    float
        Median over the ridge of the distance to the nearest other pixel, twice that
        less a half: right for odd and for even widths, on average. 0 without membrane.

    Examples
    --------
    >>> labels = np.full((1, 20, 20), 255, np.uint8)
    >>> labels[:, :, 8:13] = 0
    >>> membrane_width(labels)
    5.5
    """
    found = []
    for truth in labels:
        distance = ndimage.distance_transform_edt(truth == MEMBRANE)
        ridge = distance == ndimage.maximum_filter(distance, size=3)
        found.append(distance[ridge & (distance > 0)])
    ridges = np.concatenate(found)
    return float(2 * np.median(ridges) - 0.5) if ridges.size else 0.0
