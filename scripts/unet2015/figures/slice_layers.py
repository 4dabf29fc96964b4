"""What a page shows of a slice: compressed pictures that lie over each other."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from unet2015.figures import error_kinds
from unet2015.figures.error_panels import TOO_LITTLE, TOO_MUCH
from unet2015.figures.slice_pictures import (
    CELL_PALETTE,
    cell_colours,
    grey_uri,
    palette_uri,
)
from unet2015.metrics.checks import interior_pair

LONGEST, SHORTEST = 2048, 256
"""Pixels of a picture's longest side: at most; at least, before slices are left out."""


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
        "image": grey_uri(layers.image, shrinkage),
        "probability": grey_uri(grey, shrinkage),
        "cells": palette_uri(
            cell_colours(layers.cells[::shrinkage, ::shrinkage]), CELL_PALETTE, b"\0"
        ),
    }
    if layers.errors is not None:
        errors = _error_colours(layers.errors, shrinkage)
        shown["errors"] = palette_uri(errors, ERROR_PALETTE, ERROR_OPACITY)
        shown |= {"splits": layers.errors.splits, "merges": layers.errors.merges}
    return shown


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
    truth, proposal, _ = interior_pair(labels, probability)
    return error_kinds.region_errors(truth, proposal.astype(np.float64), threshold)


def _palette_of_errors() -> bytes:
    """Return the colours of figures: areas and lines of splits, then of merges."""
    full = [bytes.fromhex(colour[1:]) for colour in (TOO_MUCH, TOO_LITTLE)]
    return bytes(3) + full[0] * 2 + full[1] * 2


ERROR_PALETTE = _palette_of_errors()
ERROR_OPACITY = bytes([0, 128, 255, 128, 255])
