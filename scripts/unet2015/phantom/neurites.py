"""Neurites as soft discs that push one another while they wander through z."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

MARGIN = 150
"""Pixels around the picture in which cells live too; exceeds their reach."""

_MEDIAN_RADIUS = 18.5
_RADIUS_SPREAD = 0.62
_RADIUS_RANGE = (9.0, 76.0)
_FILL = 0.92  # disc area per area of the box; the partition takes the rest


class Neurites(NamedTuple):
    """Cross-sections of all cells at the planes -1, 0, .., slices.

    Attributes
    ----------
    centre : ndarray, shape (slices + 2, cells, 2), float64
        (y, x) in pixels of the picture, -MARGIN..side + MARGIN.
    radius : ndarray, shape (slices + 2, cells), float64
        Radius of the disc of equal area, in pixels.
    angle : ndarray, shape (cells,), float64
        Direction of the long axis, in radians.
    aspect : ndarray, shape (cells,), float64
        Ratio of the axes, at least 1.
    """

    centre: np.ndarray
    radius: np.ndarray
    angle: np.ndarray
    aspect: np.ndarray

    def at(self, z: float, box: float) -> tuple[np.ndarray, np.ndarray]:
        """Return centres and radii at a height, linear between planes.

        Parameters
        ----------
        z : float
            In sections, -1..slices, the end excluded.
        box : float
            Side of the periodic box, in pixels.

        Returns
        -------
        centre : ndarray, shape (cells, 2), float64
        radius : ndarray, shape (cells,), float64
        """
        low = int(np.floor(z)) + 1
        part = z + 1 - low
        step = self.centre[low + 1] - self.centre[low]
        step -= box * np.round(step / box)  # a cell that left on the other side
        centre = self.centre[low] + part * step
        radius = (1 - part) * self.radius[low] + part * self.radius[low + 1]
        return centre, radius


def grow(rng: np.random.Generator, slices: int, side: int) -> Neurites:
    """Return the course of all neurites through a stack.

    Parameters
    ----------
    rng : numpy.random.Generator
    slices : int
        Number of sections.
    side : int
        Width and height of the picture, in pixels.
    """
    box = float(side + 2 * MARGIN)
    mean_radius = _radii(rng, box)
    cells = len(mean_radius)
    flow = _Flow(rng, box)
    speed = 2.8 * np.exp(0.8 * rng.standard_normal(cells))[:, np.newaxis]
    heading = rng.standard_normal((cells, 2))
    breath = rng.standard_normal(cells)
    swell = np.minimum(0.22, 6 / mean_radius)  # large profiles change slowly
    centre = _relax(_scatter(rng, mean_radius, box), mean_radius, box, 20)
    centres, radii = [], []
    for _ in range(slices + 2):
        heading = 0.9 * heading + 0.44 * rng.standard_normal((cells, 2))
        breath = 0.93 * breath + 0.37 * rng.standard_normal(cells)
        radius = mean_radius * np.exp(swell * breath)
        centre = _relax(centre + speed * heading + flow(centre), radius, box, 2)
        centres.append(centre - MARGIN)
        radii.append(radius)
    angle = flow.direction(centre) + 0.45 * rng.standard_normal(cells)
    # Large profiles are rounder, so that none reaches across the margin.
    elongation = np.clip(30 / mean_radius, 0.2, 1.1)
    aspect = 1 + elongation * np.abs(rng.standard_normal(cells))
    return Neurites(np.stack(centres), np.stack(radii), angle, aspect)


class _Flow:
    """Common drift of neighbouring cells, periodic in the box."""

    def __init__(self, rng: np.random.Generator, box: float) -> None:
        waves = max(2, round(box / 330))
        self.box = box
        self.wave = rng.integers(-waves, waves + 1, (6, 2)) * 2 * np.pi / box
        self.phase = rng.uniform(0, 2 * np.pi, 6)
        self.push = rng.standard_normal((6, 2)) * 0.9  # pixels a section

    def __call__(self, centre: np.ndarray) -> np.ndarray:
        return np.sin(centre @ self.wave.T + self.phase) @ self.push

    def direction(self, centre: np.ndarray) -> np.ndarray:
        drift = self(centre)
        return np.arctan2(drift[:, 0], drift[:, 1])


def _radii(rng: np.random.Generator, box: float) -> np.ndarray:
    """Draw radii, largest first, whose discs fill the box."""
    draws = int(box * box / 500)
    radii = _MEDIAN_RADIUS * np.exp(_RADIUS_SPREAD * rng.standard_normal(draws))
    radii = np.clip(radii, *_RADIUS_RANGE)
    area = np.cumsum(np.pi * radii**2)
    count = int(np.searchsorted(area, _FILL * box * box)) + 1
    return np.sort(radii[:count])[::-1]


def _scatter(rng: np.random.Generator, radii: np.ndarray, box: float) -> np.ndarray:
    """Place each disc where, of 12 random spots, it overlaps the others least."""
    centre = np.empty((len(radii), 2))
    for i, radius in enumerate(radii):
        spots = rng.uniform(0, box, (12, 1, 2))
        away = spots - centre[np.newaxis, :i]
        away -= box * np.round(away / box)
        room = np.hypot(away[..., 0], away[..., 1]) - radii[:i] - radius
        best = np.argmax(room.min(axis=1)) if i else 0
        centre[i] = spots[best, 0]
    return centre


def _relax(
    centre: np.ndarray, radius: np.ndarray, box: float, rounds: int
) -> np.ndarray:
    """Push overlapping discs apart; the smaller one gives way."""
    for _ in range(rounds):
        centre = np.mod(centre, box)
        tree = cKDTree(centre, boxsize=box)
        pairs = tree.query_pairs(2 * radius.max(), output_type="ndarray")
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        first, second = pairs.T
        away = centre[first] - centre[second]
        away -= box * np.round(away / box)
        distance = np.maximum(np.hypot(*away.T), 1e-6)
        overlap = np.maximum(radius[first] + radius[second] - distance, 0)
        push = (0.4 * overlap / distance)[:, np.newaxis] * away
        share = radius[second] ** 2 / (radius[first] ** 2 + radius[second] ** 2)
        np.add.at(centre, first, share[:, np.newaxis] * push)
        np.add.at(centre, second, (share - 1)[:, np.newaxis] * push)
    return np.mod(centre, box)
