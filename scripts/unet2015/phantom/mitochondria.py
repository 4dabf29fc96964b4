"""Mitochondria: dark, outlined, with cristae, through several sections."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from unet2015.phantom.anatomy import Section

_LEAST_CELL = 21.0  # radius in pixels of the smallest cell that holds one
_CLEAR = 4.0  # pixels between the membrane of the cell and the outline


class Mitochondria(NamedTuple):
    """Bent tubes in the frame of their cells; arrays of length n.

    Attributes
    ----------
    cell : int
        Index of the cell.
    middle, half_length : float
        Where along z, in sections.
    offset : ndarray, shape (n, 2)
        (y, x) from the centre of the cell, in radii of the cell.
    size : float
        Radius in radii of the cell.
    aspect, angle, pitch : float
        Ratio of the axes; long axis and stripes, in radians.
    """

    cell: np.ndarray
    middle: np.ndarray
    half_length: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    aspect: np.ndarray
    angle: np.ndarray
    pitch: np.ndarray


def scatter(rng: np.random.Generator, radius: np.ndarray) -> Mitochondria:
    """Draw the mitochondria of a stack.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : ndarray, shape (slices, cells), float64
        Radii of the cells in pixels.

    Returns
    -------
    Mitochondria
        In large cells alone, and some beyond the ends of the stack.
    """
    slices = len(radius)
    large = np.flatnonzero(radius.mean(axis=0) > _LEAST_CELL)
    each = rng.poisson(0.3 * (1 + slices / 16), len(large))
    cell = np.repeat(large, each)
    n = len(cell)
    heading = rng.uniform(0, 2 * np.pi, n)
    away = 0.45 * np.sqrt(rng.random(n))
    reach = 15 / radius.mean(axis=0)[cell]  # about 15 pixels, in radii
    return Mitochondria(
        cell=cell,
        middle=rng.uniform(-4, slices + 4, n),
        half_length=rng.uniform(2, 8, n),
        offset=np.stack([away * np.sin(heading), away * np.cos(heading)], axis=1),
        size=np.clip(reach * rng.uniform(1.0, 2.2, n), 0.25, 0.65),
        aspect=rng.uniform(1.0, 1.6, n),
        angle=rng.uniform(0, np.pi, n),
        pitch=rng.normal(0, 0.4, n),
    )


def paint(
    grey: np.ndarray,
    section: Section,
    z: int,
    population: Mitochondria,
    cells: tuple[np.ndarray, ...],
    wobble: np.ndarray,
) -> np.ndarray:
    """Draw the mitochondria of a section over its cytoplasm.

    Parameters
    ----------
    grey : ndarray, shape (side, side), float32
        Changed in place.
    section : Section
    z : int
        Number of the section.
    population : Mitochondria
    cells : tuple of ndarray
        Centre, radius, .. of the cells at `z`.
    wobble : ndarray, shape (side, side), float32
        Smooth noise of unit variance, bends outline and cristae.

    Returns
    -------
    ndarray, shape (side, side), bool
        Where the mitochondria are.
    """
    covered = np.zeros(grey.shape, dtype=bool)
    boxes = ndimage.find_objects(section.owner + 1, max_label=len(cells[1]))
    height = (z - population.middle) / population.half_length
    for i in np.flatnonzero(np.abs(height) < 0.9):  # no tips: all outline
        one = Mitochondria(*(values[i] for values in population))
        box = boxes[one.cell]
        if box is None:
            continue
        radius = cells[1][one.cell]
        away = section.warped[:, *box] - cells[0][one.cell].reshape(2, 1, 1)
        along, across = _axes(away - radius * one.offset.reshape(2, 1, 1), one.angle)
        size = radius * one.size * np.sqrt(1 - height[i] ** 2)
        depth = _depth(along, across, size, one.aspect) + 1.2 * wobble[box]
        depth = _within(depth, section, box, one.cell)
        stripes = _axes(np.stack([across, along]), one.pitch)[1]
        inside = depth < 0
        grey[box][inside] = _ultrastructure(depth, stripes, wobble[box])[inside]
        covered[box] |= inside
    return covered


def _axes(away: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets (y, x) as coordinates along and across a direction."""
    y, x = away
    cos, sin = np.cos(angle), np.sin(angle)
    return cos * x + sin * y, cos * y - sin * x


def _depth(
    along: np.ndarray, across: np.ndarray, radius: float, aspect: float
) -> np.ndarray:
    """Return about the distance to an ellipse in pixels, negative inside."""
    root = np.sqrt(aspect)
    return (np.hypot(along / root, across * root) - radius) / root


def _within(
    depth: np.ndarray, section: Section, box: tuple[slice, slice], cell: int
) -> np.ndarray:
    """Return the depth inside both a shape and its cell, with rounded corners."""
    room = np.where(section.owner[box] == cell, section.border[box], 0)
    clear = room - section.width[box] - _CLEAR
    # Steeper than 1 further in, because `border` ends at its reach.
    wall = -clear * (1 + 0.5 * np.maximum(clear, 0))
    return 0.5 * (depth + wall + np.hypot(depth - wall, 4.0))


def _ultrastructure(
    depth: np.ndarray, across: np.ndarray, wobble: np.ndarray
) -> np.ndarray:
    """Return grey levels: outer membrane, matrix, striped cristae."""
    matrix = 94 + 6 * wobble
    stripes = np.cos(2 * np.pi * (across + 2.2 * wobble) / 7.5)
    fade = np.clip(-(depth + 4) / 3, 0, 1) * np.clip(0.9 + 0.5 * wobble, 0, 1)
    outline = np.exp(-(((depth + 1.2) / 1.3) ** 2))
    gap = np.exp(-(((depth + 3.6) / 1.1) ** 2))
    return matrix + 44 * fade * stripes - 38 * outline + 10 * gap
