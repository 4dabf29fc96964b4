"""The border-weight map of the paper (section 3, equation 2).

w(x) = w_c(x) + w0 · exp(-(d1(x) + d2(x))² / (2 σ²))

d1 and d2 are the distances of a background pixel to the nearest and to the
second-nearest cell instance; cells themselves carry w_c alone.
"""

import numpy as np
from scipy import ndimage

from unet2015.data.stacks import INTERIOR, UNKNOWN
from unet2015.errors import InputError
from unet2015.samples.nearest_cells import two_nearest


def instances_of(labels: np.ndarray) -> np.ndarray:
    """Give each 4-connected cell of a slice a number of its own.

    Parameters
    ----------
    labels : ndarray, uint8, shape (height, width)
        255 = cell interior; 0 = membrane and 127 = unknown are none.

    Returns
    -------
    ndarray, int32, shape (height, width)
        0 = membrane, 1.. = cells.
    """
    return ndimage.label(labels == INTERIOR)[0]


def class_weights(interior: float, balance: bool) -> tuple[float, float]:
    """Return w_c of membrane and of cell interior.

    The paper balances the class frequencies without giving a formula; here
    each class gets the inverse of twice its frequency, so that both classes
    weigh the same and the mean of w_c over the data set is 1.

    Parameters
    ----------
    interior : float
        Fraction of interior pixels in the data set, 0..1.
    balance : bool
        Without it both weights are 1.

    Returns
    -------
    membrane, interior : float
        Weights without unit, mean 1.

    Raises
    ------
    InputError
        If a class does not occur and its weight would be infinite.
    """
    if not balance:
        return 1.0, 1.0
    if not 0 < interior < 1:
        raise InputError(
            f"{100 * interior:g} % of the label pixels are interior, expected more "
            "than 0 and less than 100 %; check the labels or set class_balance to false"
        )
    return 0.5 / (1 - interior), 0.5 / interior


def border_weights(instances: np.ndarray, w0: float, sigma: float) -> np.ndarray:
    """Return the border term of the weight map.

    Parameters
    ----------
    instances : ndarray, int, shape (height, width)
        0 = background, other values = cell instances.
    w0 : float
        Largest weight of the term (paper: 10).
    sigma : float
        Decay length in pixels (paper: about 5).

    Returns
    -------
    ndarray, float32, shape (height, width)
        0..w0; 0 on cells and where fewer than two instances exist.
    """
    d1, d2 = two_nearest(instances)
    weights = w0 * np.exp(-((d1 + d2) ** 2) / np.float32(2 * sigma**2))
    weights[instances != 0] = 0
    return weights.astype(np.float32, copy=False)


def weight_map(
    instances: np.ndarray, classes: tuple[float, float], w0: float, sigma: float
) -> np.ndarray:
    """Return w(x) of equation 2 for one slice.

    Parameters
    ----------
    instances : ndarray, int, shape (height, width)
        0 = background, other values = cell instances.
    classes : tuple of float
        w_c of membrane and of interior, see :func:`class_weights`.
    w0, sigma : float
        See :func:`border_weights`.

    Returns
    -------
    ndarray, float32, shape (height, width)
        Weights, at least min(w_c).

    References
    ----------
    Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", MICCAI 2015, https://arxiv.org/abs/1505.04597.
    """
    membrane, interior = np.float32(classes[0]), np.float32(classes[1])
    weights = np.where(instances != 0, interior, membrane)
    if w0 > 0:
        weights += border_weights(instances, w0, sigma)
    return weights


def weigh_labels(
    labels: np.ndarray, classes: tuple[float, float], w0: float, sigma: float
) -> np.ndarray:
    """Return the weight map of the labels of one slice: 0 where they are unknown.

    Parameters
    ----------
    labels : ndarray, uint8, shape (height, width)
        255 = cell interior, 0 = membrane, 127 = unknown.
    classes, w0, sigma
        See :func:`weight_map`.

    Returns
    -------
    ndarray, float32, shape (height, width)
    """
    weights = weight_map(instances_of(labels), classes, w0, sigma)
    weights[labels == UNKNOWN] = 0
    return weights
