"""Synapses: a dark density on a membrane, vesicles crowded on one side."""

from typing import NamedTuple

import numpy as np

from unet2015.phantom.anatomy import Section
from unet2015.phantom.organelles import press, stamps

_LEAST_CELL = 22.0  # radius in pixels of the smallest presynaptic cell
_WINDOW = 45  # pixels around the density


class Synapses(NamedTuple):
    """Anchors on the membranes of presynaptic cells; arrays of length n.

    Attributes
    ----------
    cell : int
        Index of the presynaptic cell.
    angle : float
        Direction from its centre, in radians.
    middle : float
        Where along z, in sections.
    size : float
        Radius of the density, in pixels.
    """

    cell: np.ndarray
    angle: np.ndarray
    middle: np.ndarray
    size: np.ndarray


def scatter(rng: np.random.Generator, radius: np.ndarray) -> Synapses:
    """Draw the synapses of a stack from radii of shape (slices, cells)."""
    large = np.flatnonzero(radius.mean(axis=0) > _LEAST_CELL)
    cell = np.repeat(large, rng.poisson(0.09 * (len(radius) + 3), len(large)))
    n = len(cell)
    return Synapses(
        cell=cell,
        angle=rng.uniform(0, 2 * np.pi, n),
        middle=rng.uniform(-1.5, len(radius) + 0.5, n),
        size=rng.uniform(6, 13, n),
    )


def darkness(
    rng: np.random.Generator,
    section: Section,
    z: int,
    population: Synapses,
    centre: np.ndarray,
) -> np.ndarray:
    """Return the darkness of the synapses of a section.

    Parameters
    ----------
    rng : numpy.random.Generator
    section : Section
    z : int
        Number of the section.
    population : Synapses
    centre : ndarray, shape (cells, 2), float64
        (y, x) of the cells at `z`.

    Returns
    -------
    ndarray, shape (side, side), float32
        Grey levels to subtract.
    """
    canvas = np.zeros(section.border.shape, dtype=np.float32)
    for i in np.flatnonzero(np.abs(z - population.middle) < 1.5):
        cell, angle, middle, size = (values[i] for values in population)
        spot = _anchor(section, cell, angle, centre)
        if spot is not None:
            strength = 75 * (1 - np.abs(z - middle) / 2)
            _smear(canvas, section, spot, cell, size, strength)
            _crowd(rng, canvas, section, spot, cell)
    return canvas


def _anchor(
    section: Section, cell: int, angle: float, centre: np.ndarray
) -> tuple[int, int] | None:
    """Return the border pixel of a cell that lies in the given direction."""
    rim = np.argwhere((section.owner == cell) & (section.border < 1.5))
    if len(rim) == 0:
        return None
    away = section.warped[:, rim[:, 0], rim[:, 1]] - centre[cell][:, np.newaxis]
    toward = (away[0] * np.sin(angle) + away[1] * np.cos(angle)) / np.hypot(*away)
    return tuple(rim[np.argmax(toward)])


def _smear(
    canvas: np.ndarray,
    section: Section,
    spot: tuple[int, int],
    cell: int,
    size: float,
    strength: float,
) -> None:
    """Darken the membrane around `spot`, more so on the presynaptic side."""
    side = len(canvas)
    rows, columns = (slice(max(p - _WINDOW, 0), min(p + _WINDOW, side)) for p in spot)
    y, x = np.ogrid[rows, columns]
    round_ = np.exp(-((y - spot[0]) ** 2 + (x - spot[1]) ** 2) / (2 * size**2))
    here = section.owner[rows, columns] == cell
    depth = np.where(here, 7.0, 3.5)
    close = np.exp(-((section.border[rows, columns] / depth) ** 2))
    canvas[rows, columns] += strength * round_ * close


def _crowd(
    rng: np.random.Generator,
    canvas: np.ndarray,
    section: Section,
    spot: tuple[int, int],
    cell: int,
) -> None:
    """Add a crowd of vesicles inside the presynaptic cell."""
    spots = np.rint(spot + rng.normal(0, 17, (45, 2))).astype(int)
    spots = spots[((spots >= 0) & (spots < len(canvas))).all(axis=1)]
    y, x = spots.T
    fits = (section.owner[y, x] == cell) & (section.border[y, x] > 6)
    press(canvas, spots[fits], stamps(rng, int(fits.sum()), "vesicle"))
