"""The kinds of stacks, and the checks that each passes when it is read.

A stack is an array of shape (slices, height, width). Three kinds exist:

=========== ======= ==========================================================
kind        dtype   values
=========== ======= ==========================================================
image       uint8   grey levels 0..255
labels      uint8   255 = cell interior (the positive class), 0 = membrane;
                    127 in every pixel = the truth is not known
probability float32 0..1, probability of cell interior
=========== ======= ==========================================================
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unet2015.data.tiff import OpenStack, open_stack, read_stack
from unet2015.errors import InputError

INTERIOR = 255
MEMBRANE = 0
UNKNOWN = 127
"""Grey value that fills a label stack whose truth is not known."""


def pixel_sha256(stack: np.ndarray) -> str:
    """Return the sha256 of the raw pixels in C order.

    The digest depends on the pixels alone, not on the container (TIFF, zip,
    PNG slices), and so verifies any copy of a data set.
    """
    return hashlib.sha256(np.ascontiguousarray(stack).tobytes()).hexdigest()


@contextlib.contextmanager
def open_image(path: Path | str) -> Iterator[OpenStack]:
    """Open an image stack, and read it once to check it.

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
        _check_grey_levels(stack, path)
        yield stack


def read_image(path: Path | str) -> np.ndarray:
    """Read an image stack.

    Returns
    -------
    ndarray, uint8, shape (slices, height, width)
        Grey levels.

    Raises
    ------
    InputError
        If the file cannot be read, is not uint8 or holds one value only.
    """
    stack = read_stack(path)
    _check_grey_levels(stack, path)
    return stack


def _check_grey_levels(stack: OpenStack | np.ndarray, path: Path | str) -> None:
    """Raise InputError if a stack is not uint8 or holds one value only."""
    if stack.dtype != np.uint8:
        raise InputError(
            f"{path} has dtype {stack.dtype}, expected uint8 grey levels 0..255; "
            "convert it to 8 bit"
        )
    first = stack[0].flat[0]
    # A list: each slice is read, and so checked, even if the first one varies.
    if not any([(stack[index] != first).any() for index in range(len(stack))]):
        raise InputError(
            f"{path} is constant (grey level {first}), expected an image; "
            "export it again"
        )


def read_labels(path: Path | str) -> np.ndarray:
    """Read a label stack.

    Returns
    -------
    ndarray, uint8, shape (slices, height, width)
        0 and 255, or 127 throughout if the truth is unknown.

    Raises
    ------
    InputError
        If the file cannot be read or :func:`check_labels` refuses it.
    """
    return check_labels(read_stack(path), str(path))


def check_labels(labels: np.ndarray, name: str) -> np.ndarray:
    """Return `labels` if it is a usable label stack.

    Parameters
    ----------
    labels : ndarray, shape (slices, height, width)
        Of any dtype.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If values other than 0 and 255 occur, or if membranes cover more than
        half of the stack (inverted polarity).
    """
    if is_unknown(labels):
        return labels
    values = np.unique(labels)
    if labels.dtype != np.uint8 or not np.isin(values, (MEMBRANE, INTERIOR)).all():
        shown = ", ".join(map(str, values[:5])) + (", ..." if len(values) > 5 else "")
        raise InputError(
            f"{name} holds the values {shown} ({labels.dtype}), expected uint8 with "
            "255 = cell interior and 0 = membrane; threshold the labels first"
        )
    interior = float(np.mean(labels == INTERIOR))
    if interior < 0.5:
        raise InputError(
            f"{name} is {100 * interior:.1f} % cell interior (255), expected at least "
            "50 %; the polarity looks inverted: write 255 - labels"
        )
    return labels


def is_unknown(labels: np.ndarray) -> bool:
    """Return whether a label stack stands for labels that nobody has."""
    return labels.dtype == np.uint8 and bool((labels == UNKNOWN).all())


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
    stack = read_stack(path)
    if not np.issubdtype(stack.dtype, np.floating):
        raise InputError(
            f"{path} has dtype {stack.dtype}, expected float32 probabilities 0..1; "
            "divide 8-bit values by 255 first"
        )
    if not np.isfinite(stack).all():
        raise InputError(f"{path} holds NaN or infinite values; predict it again")
    if stack.min() < 0 or stack.max() > 1:
        raise InputError(
            f"{path} spans {stack.min():.4g}..{stack.max():.4g}, expected 0..1; "
            "rescale it to probabilities"
        )
    return stack.astype(np.float32, copy=False)
