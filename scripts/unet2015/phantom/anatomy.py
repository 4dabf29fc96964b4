"""The tissue: wandering neurites in warped space, and sections cut from it."""

from typing import NamedTuple

import numpy as np

from unet2015.phantom import neurites
from unet2015.phantom.fields import SmoothField
from unet2015.phantom.partition import partition

PLANES = 5
"""Planes averaged over the thickness of a section.

A section is about 12 pixels thick: a membrane that runs obliquely through it
projects to a broad grey band, one that stands upright to a thin dark line.
"""

# (sections, pixels) between lattice points, amplitude in pixels: the bends,
# the bulges and the wobble of the contours.
_WARPS = (((4.0, 80.0), 11.0), ((2.2, 32.0), 4.6), ((1.3, 11.0), 1.3))
_HALF_WIDTH = 2.5  # of a membrane, in pixels


class Section(NamedTuple):
    """One section, as geometry.

    Attributes
    ----------
    owner : ndarray, shape (side, side), int32
        Cell of each pixel in the middle plane.
    border : ndarray, shape (side, side), float32
        Distance to the border in the middle plane, in pixels.
    membrane : ndarray, shape (side, side), float32
        Membrane in the projection, 0..1.
    width : ndarray, shape (side, side), float32
        Half width of the membranes, in pixels.
    cytoplasm : ndarray, shape (side, side), float32
        Grey level offset of the cells in the projection.
    warped : ndarray, shape (2, side, side), float32
        (y, x) of each pixel in the space of the neurites, in pixels.
    """

    owner: np.ndarray
    border: np.ndarray
    membrane: np.ndarray
    width: np.ndarray
    cytoplasm: np.ndarray
    warped: np.ndarray


class Anatomy:
    """All that stays the same from section to section.

    Parameters
    ----------
    rng : numpy.random.Generator
    slices, side : int
        Number of sections; width and height in pixels.
    """

    def __init__(self, rng: np.random.Generator, slices: int, side: int) -> None:
        self.side = side
        self.neurites = neurites.grow(rng, slices, side)
        self.warps = [
            (amplitude, SmoothField(rng, (slices, side), spacing, 2))
            for spacing, amplitude in _WARPS
        ]
        self.width = SmoothField(rng, (slices, side), (3.0, 45.0))
        self.shade = _shades(rng, len(self.neurites.angle))
        # Sections are cut and aligned one by one.
        self.jitter = rng.normal(0, 2.0, (slices, 2, 1, 1)).astype(np.float32)
        self.crumple = SmoothField(rng, (slices, side), (0.7, 90.0), 2)
        self.grid = np.mgrid[:side, :side].astype(np.float32)

    def cells(self, z: float) -> tuple[np.ndarray, ...]:
        """Return centre, radius, angle and aspect of all cells at height `z`."""
        box = self.side + 2 * neurites.MARGIN
        centre, radius = self.neurites.at(z, box)
        return centre, radius, self.neurites.angle, self.neurites.aspect

    def warped(self, z: float, section: int) -> np.ndarray:
        """Return where pixels of a section look at height `z`, (2, side, side)."""
        place = self.grid + self.jitter[section] + 3.5 * self.crumple.at(section)
        for amplitude, field in self.warps:
            place += np.float32(amplitude) * field.at(z)
        return place

    def cut(self, section: int) -> Section:
        """Return the geometry of one section, 0..slices - 1."""
        width = _HALF_WIDTH * np.exp(0.13 * self.width.at(section)[0])
        membrane = np.zeros_like(width)
        cytoplasm = np.zeros_like(width)
        middle = PLANES // 2
        for plane in range(PLANES):
            z = section + (plane - middle) / PLANES
            warped = self.warped(z, section)
            owner, border = partition(warped, *self.cells(z))
            membrane += np.exp(-((border / width) ** 2)) / PLANES
            cytoplasm += self.shade[owner] / PLANES
            if plane == middle:
                in_middle = owner, border, warped
        owner, border, warped = in_middle
        # The fuzz about a membrane darkens the broad bands more than in proportion.
        membrane = 1 - (1 - membrane) ** 1.3
        return Section(owner, border, membrane, width, cytoplasm, warped)


def _shades(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Draw a grey level offset for each cell; one in eight is dark, as glia."""
    shade = rng.normal(0, 6, cells) - 24 * (rng.random(cells) < 0.12)
    return shade.astype(np.float32)
