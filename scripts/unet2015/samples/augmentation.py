"""Augmented training samples as a pure function of (seed, index).

Rotation, flip, scale, shift and elastic deformation make up one map from the
pixels of the sample to positions in the slice, so that every pixel is
interpolated once; outside the slice the image is mirrored. Grey values change
afterwards. Paper, section 3.1.
"""

from typing import NamedTuple

import cv2
import numpy as np

from unet2015.data.adjacent_slices import warped
from unet2015.data.stacks import LONGEST
from unet2015.samples.deformation import displacement

WHITE = 255


class Sample(NamedTuple):
    """One training sample: image and labels, uint8, shape (side, side)."""

    image: np.ndarray  # with neighbours (side, side, channels)
    labels: np.ndarray


class RandomNumbers(NamedTuple):
    """The random numbers of one sample."""

    slice: int
    centre: np.ndarray  # position of the sample's centre in the slice, px (y, x)
    linear: np.ndarray  # 2x2 matrix from sample to slice coordinates
    knots: np.ndarray  # displacement at the coarse grid, px, (2, grid, grid)
    contrast: float
    brightness: float
    noise: np.random.Generator


def random_numbers(
    seed: int, index: int, shape: tuple[int, int, int], settings: dict
) -> RandomNumbers:
    """Draw the random numbers of sample `index`.

    Parameters
    ----------
    seed, index : int
        Together they determine every number.
    shape : tuple of int
        (slices, height, width) of the training stack.
    settings : dict
        The section `augmentation` of the config: `side`, `rotate`, `flip`,
        `scale`, `shift`, `grid`, `displacement_std`, `contrast`, `brightness`, `noise`.

    Returns
    -------
    RandomNumbers
        Every number is drawn whatever the settings, so that switching one kind
        of augmentation off leaves the others as they were.
    """
    rng = np.random.default_rng([seed, index])
    chosen = int(rng.integers(shape[0]))
    centre = _centre(rng.random(2), rng.uniform(-1, 1, 2), shape[1:], settings)
    angle = settings["rotate"] * rng.uniform(0, 2 * np.pi)
    mirror = -1.0 if rng.random() < 0.5 and settings["flip"] else 1.0
    scale = np.exp(settings["scale"] * rng.standard_normal())
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([1.0, mirror]) / scale
    grid = settings["grid"]
    knots = settings["displacement_std"] * rng.standard_normal((2, grid, grid))
    contrast = np.exp(settings["contrast"] * rng.standard_normal())
    brightness = settings["brightness"] * rng.standard_normal()
    return RandomNumbers(chosen, centre, linear, knots, contrast, brightness, rng)


def _centre(
    position: np.ndarray, jitter: np.ndarray, size: tuple[int, int], settings: dict
) -> np.ndarray:
    """Place the sample inside the slice if it fits, else on its centre; then shift.

    The corner lies on a whole pixel, so that a sample that is neither turned nor
    deformed is a crop without any interpolation.
    """
    last, half = np.array(size) - 1, (settings["side"] - 1) / 2
    reach = np.minimum(half, last / 2)
    centre = reach + position * (last - 2 * reach) + settings["shift"] * jitter
    return np.rint(centre - half) + half


def source_positions(drawn: RandomNumbers, side: int) -> np.ndarray:
    """Return where in the slice each pixel of the sample comes from.

    Parameters
    ----------
    drawn : RandomNumbers
        Of the sample.
    side : int
        Of the sample, px.

    Returns
    -------
    ndarray, float32, shape (2, side, side)
        Row and column in the slice, px; may lie outside.
    """
    axis = np.arange(side) - (side - 1) / 2
    field = displacement(drawn.knots, side)
    down, right = axis[:, np.newaxis] + field[0], axis[np.newaxis] + field[1]
    (a, b), (c, d) = drawn.linear
    rows = drawn.centre[0] + a * down + b * right
    columns = drawn.centre[1] + c * down + d * right
    return np.stack([rows, columns]).astype(np.float32)


def sample(
    volume: np.ndarray, labels: np.ndarray, seed: int, index: int, settings: dict
) -> Sample:
    """Make training sample `index` of the stream `seed`.

    Parameters
    ----------
    volume : ndarray, uint8, shape (slices, height, width)
        The training slices; with neighbours there is a fourth axis, channels.
    labels : ndarray, uint8, shape (slices, height, width)
        Their labels (255 = interior, 0 = membrane).
    seed, index : int
        See :func:`random_numbers`.
    settings : dict
        See :func:`random_numbers`.

    Returns
    -------
    Sample
        The image by cubic interpolation, the labels by the nearest pixel.
    """
    drawn = random_numbers(seed, index, labels.shape, settings)
    part, rows, columns = _read_from(drawn, settings["side"], labels.shape[1:])
    border = cv2.BORDER_REFLECT_101
    image = warped(
        lambda channels: cv2.remap(
            channels, columns, rows, cv2.INTER_CUBIC, borderMode=border
        ),
        volume[drawn.slice][part],
    )
    truth = cv2.remap(
        labels[drawn.slice][part], columns, rows, cv2.INTER_NEAREST, borderMode=border
    )
    return Sample(_grey_values(image, drawn, settings["noise"]), truth)


def warped_ids(ids: np.ndarray, drawn: RandomNumbers, side: int) -> np.ndarray:
    """Deform the ids of a slice as the labels of a sample.

    Parameters
    ----------
    ids : ndarray, int32, shape (height, width)
        Of the slice, or of another one at the same place.
    drawn, side
        See :func:`source_positions`.

    Returns
    -------
    ndarray, int32, shape (side, side)
        By the nearest pixel; 0 outside the slice.
    """
    part, rows, columns = _read_from(drawn, side, ids.shape)
    border = cv2.BORDER_CONSTANT
    return cv2.remap(ids[part], columns, rows, cv2.INTER_NEAREST, borderMode=border)


def _read_from(
    drawn: RandomNumbers, side: int, shape: tuple[int, int]
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Return the part of a slice that a sample reads, and the positions in it."""
    rows, columns = source_positions(drawn, side)
    part = _reached(rows, shape[0]), _reached(columns, shape[1])
    return part, rows - part[0].start, columns - part[1].start


def _reached(positions: np.ndarray, side: int) -> slice:
    """Return what is read along an axis: all, or of a long one what OpenCV can take.

    What is mirrored at an edge of the slice must be in it, and two pixels around
    for the cubic interpolation.
    """
    if side <= LONGEST:
        return slice(0, side)
    low, high = int(positions.min()) - 3, int(positions.max()) + 3
    if high - low >= side or low < -side or high > 2 * side:
        return slice(0, side)  # mirrored more than once
    start, stop = min(low, 2 * side - high), max(high, -low) + 1
    return slice(max(start - 3, 0), min(stop + 3, side))


def _grey_values(image: np.ndarray, drawn: RandomNumbers, noise: float) -> np.ndarray:
    """Vary contrast (around mid-grey), brightness and noise; round to uint8."""
    grey = (image.astype(np.float32) - WHITE / 2) * np.float32(drawn.contrast)
    grey += np.float32(WHITE / 2 + drawn.brightness)
    if noise > 0:
        grey += np.float32(noise) * drawn.noise.standard_normal(
            image.shape, dtype=np.float32
        )
    return np.clip(np.rint(grey), 0, WHITE).astype(np.uint8)
