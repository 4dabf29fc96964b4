"""Neighbouring slices as further channels of an image.

A section is some ten times thicker than a pixel is wide, yet membranes run on
from one slice to the next: what is blurred in one is often clear above or below.

Images with neighbours have the shape (height, width, channels), the slice itself
in the middle, the first of the stack first; images without have (height, width).
"""

from collections.abc import Callable, Collection, Sequence

import numpy as np

CHANNELS_AT_ONCE = 4
"""OpenCV warps no more in one call."""


def neighbours(index: int, reach: int, known: Collection[int]) -> list[int]:
    """Return the slices that are seen together with one.

    Parameters
    ----------
    index : int
        The slice.
    reach : int
        Slices on either side.
    known : collection of int
        Slices that may be seen: those of the same part of a split.

    Returns
    -------
    list of int
        `2 reach + 1` of them, in the order of the stack. One that may not be seen
        is replaced by its mirror image on the other side, or by the slice itself.

    Examples
    --------
    >>> neighbours(4, 2, range(5, 10)), neighbours(5, 2, range(5, 10))
    ([6, 5, 4, 5, 6], [7, 6, 5, 6, 7])
    """
    return [
        next(n for n in (index + d, index - d, index) if n in known or n == index)
        for d in range(-reach, reach + 1)
    ]


def with_neighbours(
    volume: Sequence[np.ndarray], index: int, reach: int, known: Collection[int]
) -> np.ndarray:
    """Return a slice and its neighbours as one image.

    Parameters
    ----------
    volume : sequence of ndarray, shape (height, width)
        The stack.
    index, reach, known
        See :func:`neighbours`.

    Returns
    -------
    ndarray, shape (height, width, 2 reach + 1), or (height, width) if `reach` is 0
        Of the stack's dtype.
    """
    if reach == 0:
        return volume[index]
    return np.stack([volume[n] for n in neighbours(index, reach, known)], axis=-1)


def middle(image: np.ndarray) -> np.ndarray:
    """Return the slice itself, shape (height, width), of an image with neighbours."""
    return image if image.ndim == 2 else image[..., image.shape[-1] // 2]


def warped(warp: Callable[[np.ndarray], np.ndarray], image: np.ndarray) -> np.ndarray:
    """Warp an image of any number of channels by a function of OpenCV.

    Parameters
    ----------
    warp : callable
        Takes and returns arrays of shape (height, width) or, with 2 to 4 channels,
        (height, width, channels).
    image : ndarray, shape (height, width) or (height, width, channels)

    Returns
    -------
    ndarray
        Of the size that `warp` gives, with the channels of the image.
    """
    if image.ndim == 2 or image.shape[2] <= CHANNELS_AT_ONCE:
        return warp(image)
    groups = np.array_split(image, -(-image.shape[2] // CHANNELS_AT_ONCE), axis=2)
    return np.concatenate([warp(np.ascontiguousarray(g)) for g in groups], axis=2)


def network_input(image: np.ndarray) -> np.ndarray:
    """Return an image as networks take it.

    Parameters
    ----------
    image : ndarray, shape (height, width) or (height, width, channels)
        Normalised grey values.

    Returns
    -------
    ndarray, float32, shape (1, channels, height, width)
        In C order.
    """
    channels = np.atleast_3d(image).transpose(2, 0, 1)
    return np.ascontiguousarray(channels[np.newaxis], dtype=np.float32)
