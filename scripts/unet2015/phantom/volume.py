"""A phantom stack: anatomy, sections, truth and pictures."""

from typing import NamedTuple

import numpy as np

from unet2015.data.stacks import INTERIOR, MEMBRANE
from unet2015.phantom import camera, mitochondria, organelles, synapses, truth
from unet2015.phantom.anatomy import Anatomy, Section


class Phantom(NamedTuple):
    """A synthetic stack of sections and its exact truth.

    Attributes
    ----------
    volume : ndarray, shape (slices, side, side), uint8
        Grey levels 0..255.
    labels : ndarray, shape (slices, side, side), uint8
        255 = cell interior, 0 = membrane.
    instances : ndarray, shape (slices, side, side), int32
        0 = membrane, 1.. = cells, the same number through all slices.
    """

    volume: np.ndarray
    labels: np.ndarray
    instances: np.ndarray


def phantom(
    seed: int,
    stack: int,
    slices: int,
    side: int,
    contrast: float = 1,
    noise: float = 0,
) -> Phantom:
    """Return a stack that resembles serial-section electron micrographs.

    A pure function of its arguments: the same call gives the same pixels.
    The scale is that of ISBI 2012, about 4 nm a pixel and 50 nm a section.

    Parameters
    ----------
    seed : int
        At least 0; which series of stacks.
    stack : int
        At least 0; which stack of the series. Stacks are unrelated tissue.
    slices : int
        Number of sections, 1..1000.
    side : int
        Width and height in pixels, 64..4096.
    contrast, noise : float
        Of the camera, see :func:`unet2015.phantom.camera.expose`.
    """
    tissue = _Tissue(_random(seed, stack), slices, side)
    pictures, cells = [], []
    for z in range(slices):
        section = tissue.anatomy.cut(z)
        rng = _random(seed, stack, z)
        grey = tissue.paint(rng, section, z)
        pictures.append(camera.expose(rng, grey, contrast, noise))
        cells.append(truth.instances(section))
    numbered = truth.number_pieces(np.stack(cells))
    labels = np.where(numbered > 0, np.uint8(INTERIOR), np.uint8(MEMBRANE))
    return Phantom(np.stack(pictures), labels, numbered)


def _random(seed: int, *key: int) -> np.random.Generator:
    """Return the stream of random numbers of a stack or of one of its sections.

    A spawn key, because a plain list of seeds is padded with zeros, so that
    [0, 1] and [0, 1, 0] would be the same stream.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


class _Tissue:
    """The anatomy and what fills its cells."""

    def __init__(self, rng: np.random.Generator, slices: int, side: int) -> None:
        self.anatomy = Anatomy(rng, slices, side)
        radius = self.anatomy.neurites.radius[1:-1]
        self.tastes = organelles.tastes(rng, radius.shape[1])
        self.mitochondria = mitochondria.scatter(rng, radius)
        self.synapses = synapses.scatter(rng, radius)

    def paint(self, rng: np.random.Generator, section: Section, z: int) -> np.ndarray:
        """Return the transmission of a section in grey levels, float32."""
        side = self.anatomy.side
        cells = self.anatomy.cells(z)
        grey = 160 + section.cytoplasm
        grey += 9 * camera.grain(rng, side, 1.6) + 8 * camera.grain(rng, side, 4.5)
        small = organelles.darkness(rng, section, self.tastes)
        wobble = camera.grain(rng, side, 6.0)
        full = mitochondria.paint(grey, section, z, self.mitochondria, cells, wobble)
        small += synapses.darkness(rng, section, z, self.synapses, cells[0])
        small[full] = 0
        grey -= 80 * np.tanh(small / 80)  # what overlaps does not turn black
        fuzz = 10 * np.exp(-section.border / 5)
        faint = 1 + 0.1 * camera.grain(rng, side, 12.0)
        return grey - fuzz - section.membrane * faint * (grey - 57)
