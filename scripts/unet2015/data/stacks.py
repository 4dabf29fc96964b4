"""The kinds of stacks, and the checks that each passes when it is read.

A stack is an array of shape (slices, height, width). Three kinds exist:

=========== ======= ==========================================================
kind        dtype   values
=========== ======= ==========================================================
image       uint8   grey levels 0..255; of other types, see
                    :mod:`unet2015.data.grey_levels`
labels      uint8   255 = cell interior (the positive class), 0 = membrane;
                    127 = the truth of that pixel is not known
probability float32 0..1, probability of cell interior
=========== ======= ==========================================================
"""

import contextlib
import hashlib
import logging
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from unet2015.data.grey_levels import BEYOND, GreyLevels
from unet2015.data.open_stack import OpenStack
from unet2015.data.tiff import open_stack, read_stack
from unet2015.errors import InputError

log = logging.getLogger(__name__)

LONGEST = 32766
"""Pixels along a side that OpenCV warps and rotates."""

INTERIOR = 255
MEMBRANE = 0
UNKNOWN = 127
"""Label of a pixel whose truth is not known."""

ROUNDING = 1e-6
"""By how much probabilities may leave 0..1: sums and exponentials are rounded."""


def pixel_sha256(stack: np.ndarray) -> str:
    """Return the sha256 of the raw pixels in C order.

    The digest depends on the pixels alone, not on the container (TIFF, zip,
    PNG slices), and so verifies any copy of a data set.
    """
    return hashlib.sha256(np.ascontiguousarray(stack).tobytes()).hexdigest()


@contextlib.contextmanager
def open_image(
    path: Path | str,
    stated: Sequence[float] | None = None,
    recorded: Sequence[float] | None = None,
) -> Iterator[OpenStack]:
    """Open an image stack, and read it once to check it.

    Parameters
    ----------
    path : Path or str
        See :func:`unet2015.data.tiff.open_stack`.
    stated, recorded
        See :func:`grey_levels`.

    Yields
    ------
    OpenStack
        Its slices are uint8, shape (height, width).

    Raises
    ------
    InputError
        As :func:`read_image`.
    """
    with open_stack(path) as stack:
        image = grey_levels(stack, str(path), stated, recorded)
        _check_grey_levels(image, path)
        yield image


def read_image(
    path: Path | str,
    stated: Sequence[float] | None = None,
    recorded: Sequence[float] | None = None,
) -> np.ndarray:
    """Read an image stack.

    Parameters
    ----------
    path : Path or str
        See :func:`unet2015.data.tiff.open_stack`.
    stated, recorded
        See :func:`grey_levels`.

    Returns
    -------
    ndarray, uint8, shape (slices, height, width)
        Grey levels.

    Raises
    ------
    InputError
        If the file cannot be read or holds one value only, or as :func:`grey_levels`.
    """
    stack = read_stack(path)
    image = grey_levels(stack, str(path), stated, recorded)
    _check_grey_levels(image, path)
    return image if image is stack else image.whole()


def grey_levels(
    stack: OpenStack | np.ndarray,
    name: str,
    stated: Sequence[float] | None = None,
    recorded: Sequence[float] | None = None,
) -> OpenStack | np.ndarray:
    """Return a stack as 8-bit grey levels; one of uint8 is that already.

    Parameters
    ----------
    stack : OpenStack or ndarray, shape (slices, height, width)
        As it was read.
    name : str
        What errors call it.
    stated : sequence of float, optional
        The values that become 0 and 255, as the user says.
    recorded : sequence of float, optional
        The same, as a training volume was scaled, if nothing is stated.

    Raises
    ------
    InputError
        If a range is lacking, is stated for uint8, or cannot be used.
    """
    if stack.dtype == np.uint8:
        if stated is not None:
            raise InputError(
                f"{name} is uint8, expected another type if an intensity range is "
                "stated: 8-bit grey levels are used as they are; leave the range out"
            )
        return stack
    chosen = recorded if stated is None else stated
    if chosen is None:
        raise InputError(
            f"{name} has dtype {stack.dtype}, expected uint8 grey levels 0..255; state "
            "which values become 0 and 255 (datasets.<name>.intensity_range, or "
            "--intensity-range LOW HIGH of predict and import_stacks), or convert it "
            "to 8 bit as the training volume was"
        )
    return GreyLevels(stack, chosen, name)


def _check_grey_levels(stack: OpenStack | np.ndarray, path: Path | str) -> None:
    """Raise InputError if a stack holds one value only; warn if much is clipped."""
    first = stack[0].flat[0]
    # A list: each slice is read, and so checked, even if the first one varies.
    varies = any([(stack[index] != first).any() for index in range(len(stack))])
    scaled = ""
    if isinstance(stack, GreyLevels):
        scaled = " between {:g} and {:g}, which become 0 and 255".format(*stack.range)
    if not varies:
        raise InputError(
            f"{path} is constant (grey level {first}){scaled}, expected an image; "
            "export it again" + (", or state another range" if scaled else "")
        )
    if scaled and (part := stack.beyond.sum() / math.prod(stack.shape)) > BEYOND:
        log.warning(
            "warning: %.0f %% of the pixels of %s do not lie%s, and are clipped; check "
            "the intensity range",
            100 * part,
            path,
            scaled,
        )


def read_labels(path: Path | str) -> np.ndarray:
    """Read a label stack.

    Returns
    -------
    ndarray, uint8, shape (slices, height, width)
        0, 255 and, where the truth is unknown, 127.

    Raises
    ------
    InputError
        If the file cannot be read or :func:`check_labels` refuses it.
    """
    return check_labels(read_stack(path), str(path))


def check_labels(labels: np.ndarray, name: str) -> np.ndarray:
    """Return a mask as a label stack.

    Parameters
    ----------
    labels : ndarray
        Of any type: 0 and 1 (or False and True), or 0, 255 and 127 = unknown.
    name : str
        What the message calls it, usually the path.

    Returns
    -------
    ndarray, uint8
        0, 127 and 255; `labels` itself if that is what it is.

    Raises
    ------
    InputError
        If other values occur. Which of the two is cell interior is not judged.
    """
    mask = as_mask(labels)
    if mask is None:
        values = np.unique(labels)
        shown = ", ".join(map(str, values[:5])) + (", ..." if len(values) > 5 else "")
        raise InputError(
            f"{name} holds the values {shown} ({labels.dtype}), expected 255 = cell "
            "interior, 0 = membrane and 127 = unknown, or 1 and 0; threshold the "
            "labels first"
        )
    return mask


def as_mask(labels: np.ndarray) -> np.ndarray | None:
    """Return what :func:`check_labels` does, or None if other values occur."""
    if np.isin(labels, (MEMBRANE, 1)).all() and labels.any():
        return np.where(labels, np.uint8(INTERIOR), np.uint8(MEMBRANE))
    if np.isin(labels, (MEMBRANE, UNKNOWN, INTERIOR)).all():
        return labels.astype(np.uint8, copy=False)
    return None


def is_unknown(labels: np.ndarray) -> bool:
    """Return whether a label stack stands for labels that nobody has."""
    return labels.dtype == np.uint8 and bool((labels == UNKNOWN).all())


def interior_fraction(labels: np.ndarray) -> float:
    """Return which part of the known pixels is cell interior, 0..1; 0 without any.

    Parameters
    ----------
    labels : ndarray, uint8, any shape
        0, 127 and 255.
    """
    known = np.count_nonzero(labels != UNKNOWN)
    return float(np.count_nonzero(labels == INTERIOR) / max(known, 1))


def warn_of_polarity(labels: np.ndarray, name: str) -> None:
    """Warn if cell interior covers less than half of the known pixels."""
    interior = interior_fraction(labels)
    if interior < 0.5:
        log.warning(
            "warning: %s is %.1f %% cell interior (255); if 0 is the interior, write "
            "255 - labels",
            name,
            100 * interior,
        )


def read_probability(path: Path | str) -> np.ndarray:
    """Read a probability stack.

    Returns
    -------
    ndarray, float32, shape (slices, height, width)
        Probability of cell interior, 0..1.

    Raises
    ------
    InputError
        If the file cannot be read, is not floating point, holds NaN or leaves
        0..1.
    """
    return check_probability(read_stack(path), str(path))


def check_probability(stack: np.ndarray, name: str) -> np.ndarray:
    """Return numbers as probabilities.

    Parameters
    ----------
    stack : ndarray, any shape
        As read: a stack or one of its slices.
    name : str
        What the message calls it, usually the path.

    Returns
    -------
    ndarray, float32
        0..1.

    Raises
    ------
    InputError
        As :func:`read_probability`.
    """
    if not np.issubdtype(stack.dtype, np.floating):
        raise InputError(
            f"{name} has dtype {stack.dtype}, expected float32 probabilities 0..1; "
            f"divide {8 * stack.dtype.itemsize}-bit values by {divisor(stack.dtype)} "
            "first"
        )
    if not np.isfinite(stack).all():
        raise InputError(f"{name} holds NaN or infinite values; predict it again")
    if stack.min() < -ROUNDING or stack.max() > 1 + ROUNDING:
        raise InputError(
            f"{name} spans {stack.min():.4g}..{stack.max():.4g}, expected 0..1; "
            "rescale it to probabilities"
        )
    return np.clip(stack, 0, 1).astype(np.float32, copy=False)


def divisor(dtype: np.dtype) -> int:
    """Return by what integers of a type are divided to be probabilities 0..1."""
    return int(np.iinfo(dtype).max)
