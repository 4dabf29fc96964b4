"""Rotated and mirrored views of a slice whose predictions are averaged.

The paper averages "over 7 rotated versions of the input data" (section 4)
without giving the angles: here k · 360°/7. The eight symmetries of the square
need no interpolation.
"""

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np

View = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]
"""A map of the slice to the view, and one of the view's prediction back."""

ROTATIONS = 7


def views(average: str, shape: tuple[int, int]) -> Iterator[View]:
    """Give the views of a slice.

    Parameters
    ----------
    average : {"none", "symmetries", "rotations"}
        The slice alone, its eight symmetries, or seven rotations.
    shape : tuple of int
        Height and width of the slice, pixels.

    Yields
    ------
    forward, backward : callable
        Each maps a float32 array of shape (height, width) to another.

    Raises
    ------
    ValueError
        If `average` is unknown.
    """
    if average == "none":
        yield np.asarray, np.asarray
    elif average == "symmetries":
        yield from (_symmetry(turns, flip) for flip in (0, 1) for turns in range(4))
    elif average == "rotations":
        yield from (_rotation(360 * k / ROTATIONS, shape) for k in range(ROTATIONS))
    else:
        raise ValueError(
            f"average is {average!r}, expected 'none', 'symmetries' or 'rotations'"
        )


def _symmetry(turns: int, flip: int) -> View:
    """Quarter turns, after a mirroring if `flip`."""

    def forward(image: np.ndarray) -> np.ndarray:
        return np.rot90(image[:, ::-1] if flip else image, turns)

    def backward(prediction: np.ndarray) -> np.ndarray:
        turned = np.rot90(prediction, -turns)
        return turned[:, ::-1] if flip else turned

    return forward, backward


def _rotation(degrees: float, shape: tuple[int, int]) -> View:
    """Rotate about the centre on a canvas that holds the whole rotated slice."""
    height, width = shape
    if degrees == 0:
        return np.asarray, np.asarray
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), degrees, 1)
    matrix[:, 2] += matrix[:, :2] @ [(width - side) / -2, (height - side) / -2]
    flags, border = cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101

    def forward(image: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(
            image, matrix, (side, side), flags=flags, borderMode=border
        )

    def backward(prediction: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(
            prediction,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )

    return forward, backward
