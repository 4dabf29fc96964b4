"""What a page shows of a slice: compressed pictures that lie over each other."""

import base64
import colorsys
import io
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from unet2015.data.stacks import INTERIOR, UNKNOWN
from unet2015.figures import error_kinds
from unet2015.figures.error_panels import TOO_LITTLE, TOO_MUCH

LONGEST, SHORTEST = 2048, 256
"""Pixels of a picture's longest side: at most; at least, before slices are left out."""

QUALITY = 75
"""Of WebP, 0..100."""

COLOURS = 255
GOLDEN = 2654435761
"""2³² divided by the golden ratio: neighbouring ids get colours far apart (Knuth)."""


class SliceLayers(NamedTuple):
    """One slice; the errors are None where there are no labels."""

    image: np.ndarray  # uint8, (height, width)
    probability: np.ndarray  # float32, 0..1
    cells: np.ndarray  # ids
    errors: error_kinds.RegionErrors | None


def pictures(
    read: Callable[[int], SliceLayers], shape: tuple[int, int, int], most: int
) -> tuple[list[dict], int]:
    """Compress slices until they need at most so many characters.

    Parameters
    ----------
    read : callable
        From the number of a slice to its layers.
    shape : tuple of int
        Slices, height and width.
    most : int
        Characters that all pictures together may have.

    Returns
    -------
    shown : list of dict
        Of each slice its `number`, the data URIs `image`, `probability`, `cells` and,
        with labels, `errors`, and the counts `splits` and `merges`.
    shrinkage : int
        Pixels of the stack along a side of one of the pictures. Pictures are made
        smaller first; then slices are left out, evenly.
    """
    for shrinkage, step in _plans(shape):
        shown, length = [], 0
        for index in range(0, shape[0], step):
            shown.append(_compressed(index, read(index), shrinkage))
            length += sum(
                len(text) for text in shown[-1].values() if isinstance(text, str)
            )
            if length > most:
                break
        else:
            return shown, shrinkage
    return shown[:1], shrinkage


def _plans(shape: tuple[int, int, int]) -> Iterator[tuple[int, int]]:
    """Yield shrinkage and step, the best first, the last with one slice alone."""
    longest, shrinkage, step = max(shape[1:]), 1, 1
    while longest / shrinkage > LONGEST:
        shrinkage *= 2
    while longest / shrinkage >= 2 * SHORTEST:
        yield shrinkage, step
        shrinkage *= 2
    while step < 2 * shape[0]:
        yield shrinkage, step
        step *= 2


def _compressed(number: int, layers: SliceLayers, shrinkage: int) -> dict:
    """Return the pictures of one slice."""
    grey = np.round(255 * layers.probability).astype(np.uint8)
    shown = {
        "number": number,
        "image": _grey_uri(layers.image, shrinkage),
        "probability": _grey_uri(grey, shrinkage),
        "cells": _palette_uri(
            _cell_colours(layers.cells[::shrinkage, ::shrinkage]), CELL_PALETTE, b"\0"
        ),
    }
    if layers.errors is not None:
        errors = _error_colours(layers.errors, shrinkage)
        shown["errors"] = _palette_uri(errors, ERROR_PALETTE, ERROR_OPACITY)
        shown |= {"splits": layers.errors.splits, "merges": layers.errors.merges}
    return shown


def _uri(picture: Image.Image, kind: str, **options) -> str:
    """Return a picture as a data URI."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{kind};base64,{data}"


def _grey_uri(pixels: np.ndarray, shrinkage: int) -> str:
    """Return grey levels, averaged over squares, as WebP."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return _uri(picture.reduce(shrinkage), "webp", quality=QUALITY, method=4)


def _palette_uri(colours: np.ndarray, palette: bytes, opacity: bytes) -> str:
    """Return numbers of colours as PNG; colours beyond `opacity` are opaque."""
    picture = Image.fromarray(np.ascontiguousarray(colours, np.uint8), "P")
    picture.putpalette(palette)
    return _uri(picture, "png", transparency=opacity, optimize=True)


def _cell_colours(ids: np.ndarray) -> np.ndarray:
    """Return the colour of each cell, the same in every slice; 0 between two cells."""
    colours = 1 + (ids.astype(np.uint64) * GOLDEN % 2**32 * COLOURS >> 32)
    border = np.zeros(ids.shape, bool)
    border[1:] |= ids[1:] != ids[:-1]
    border[:, 1:] |= ids[:, 1:] != ids[:, :-1]
    return np.where(border | (ids == 0), 0, colours)


def _error_colours(errors: error_kinds.RegionErrors, shrinkage: int) -> np.ndarray:
    """Return 1 and 2 where a cell is split and along the lines, 3 and 4 for merges."""
    colours = np.zeros(errors.split.shape, np.uint8)
    colours[errors.split_off] = 1
    colours[errors.merged_in] = 3
    for lines, colour in ((errors.false_borders, 2), (errors.missing_borders, 4)):
        colours[ndimage.binary_dilation(lines, iterations=1 + shrinkage)] = colour
    return colours[::shrinkage, ::shrinkage]


def errors_of(
    labels: np.ndarray, probability: np.ndarray, threshold: float
) -> error_kinds.RegionErrors:
    """Return splits and merges where the truth is known.

    Parameters
    ----------
    labels : ndarray, uint8, shape (height, width)
        0, 127 = unknown, 255.
    probability : ndarray, float32, shape (height, width)
        Of cell interior.
    threshold : float
        Interior is what lies above it.
    """
    proposal = probability.astype(np.float64)
    proposal[labels == UNKNOWN] = 0
    return error_kinds.region_errors(labels == INTERIOR, proposal, threshold)


def _palette_of_cells() -> bytes:
    """Return bright colours that go round the circle of hues."""
    colours = [
        colorsys.hsv_to_rgb(k / COLOURS, 0.55 + 0.45 * (k % 2), 1 - 0.25 * (k % 3 > 1))
        for k in range(COLOURS)
    ]
    return bytes([0, 0, 0, *(round(255 * part) for rgb in colours for part in rgb)])


def _palette_of_errors() -> bytes:
    """Return the colours of figures: areas and lines of splits, then of merges."""
    full = [bytes.fromhex(colour[1:]) for colour in (TOO_MUCH, TOO_LITTLE)]
    return bytes(3) + full[0] * 2 + full[1] * 2


CELL_PALETTE = _palette_of_cells()
ERROR_PALETTE = _palette_of_errors()
ERROR_OPACITY = bytes([0, 128, 255, 128, 255])
