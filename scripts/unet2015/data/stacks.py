"""Stacks of slices as TIFF files: reading, checking and writing.

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

import hashlib
import math
from pathlib import Path

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError

INTERIOR = 255
MEMBRANE = 0
UNKNOWN = 127
"""Grey value that fills a label stack whose truth is not known."""

PACKED = 1500
"""Bytes that a byte of a file can stand for: 1032 by deflate, some 1300 by LZW."""


def pixel_sha256(stack: np.ndarray) -> str:
    """Return the sha256 of the raw pixels in C order.

    The digest depends on the pixels alone, not on the container (TIFF, zip,
    PNG slices), and so verifies any copy of a data set.
    """
    return hashlib.sha256(np.ascontiguousarray(stack).tobytes()).hexdigest()


def read_stack(path: Path | str) -> np.ndarray:
    """Read a greyscale TIFF as a stack of shape (slices, height, width).

    A single page is read as a stack of one slice.

    Raises
    ------
    InputError
        If the file is missing, is no TIFF, is damaged or is not a greyscale
        stack.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    try:
        with tifffile.TiffFile(path) as file:
            check_declared(file)
            samples = file.pages[0].samplesperpixel
            stack = file.asarray()
    except Exception as error:  # tifffile raises many kinds on damaged files
        raise InputError(
            f"{path} cannot be read as a TIFF stack ({error}); "
            "the file is damaged or of another format: fetch or export it again"
        ) from error
    if stack.ndim == 2:
        stack = stack[np.newaxis]
    if stack.ndim != 3 or samples != 1 or stack.size == 0:
        raise InputError(
            f"{path} has shape {stack.shape} with {samples} samples a pixel, "
            "expected greyscale slices (slices, height, width); "
            "save it again as an 8-bit greyscale stack, without colour channels"
        )
    return stack


def check_declared(file: tifffile.TiffFile) -> None:
    """Refuse an open TIFF that declares more pixels than it can hold.

    tifffile would allocate them all, search long for their segments, and fill
    what it does not find with zeros.

    Raises
    ------
    ValueError
        If the stack is too large for the file, or segments of it are missing.
    """
    series, size = file.series[0], file.filehandle.size
    if series.nbytes > PACKED * size:
        raise ValueError(
            f"it declares {series.nbytes} bytes of pixels, expected at most "
            f"{PACKED * size} in a file of {size} bytes"
        )
    for number, page in enumerate(series.pages):
        expected = 1 if page.is_contiguous else math.prod(page.chunked)
        if len(page.dataoffsets) < expected:
            raise ValueError(
                f"page {number} has {len(page.dataoffsets)} strips or tiles, expected "
                f"{expected}"
            )


def read_image(path: Path | str) -> np.ndarray:
    """Read an image stack, uint8.

    Raises
    ------
    InputError
        If the file cannot be read, is not uint8 or holds one value only.
    """
    stack = read_stack(path)
    if stack.dtype != np.uint8:
        raise InputError(
            f"{path} has dtype {stack.dtype}, expected uint8 grey levels 0..255; "
            "convert it to 8 bit"
        )
    if stack.min() == stack.max():
        raise InputError(
            f"{path} is constant (grey level {stack.flat[0]}), expected an image; "
            "export it again"
        )
    return stack


def read_labels(path: Path | str) -> np.ndarray:
    """Read a label stack, uint8 with 0 and 255, or 127 throughout if unknown.

    Raises
    ------
    InputError
        If the file cannot be read or :func:`check_labels` refuses it.
    """
    return check_labels(read_stack(path), str(path))


def check_labels(labels: np.ndarray, name: str) -> np.ndarray:
    """Return `labels` if it is a usable label stack.

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
    """Tell whether a label stack stands for labels that nobody has."""
    return labels.dtype == np.uint8 and bool((labels == UNKNOWN).all())


def read_probability(path: Path | str) -> np.ndarray:
    """Read a probability stack, float32 in 0..1.

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


def write_stack(path: Path | str, stack: np.ndarray) -> None:
    """Write a stack as a deflate TIFF, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Destination; an existing file is replaced.
    stack : ndarray, shape (slices, height, width)
        Any dtype that TIFF can hold.
    """
    with atomic_write(path) as temporary:
        fill_stack(temporary, stack)


def fill_stack(path: Path, stack: np.ndarray) -> None:
    """Write a stack as :func:`write_stack`, straight into a file."""
    tifffile.imwrite(
        path,
        stack,
        photometric="minisblack",
        compression="zlib",
        predictor=stack.dtype == np.uint8,
        metadata={"axes": "ZYX"},
    )
