"""Small organelles: vesicles, tubules, dense cores, microtubules."""

import numpy as np

from unet2015.phantom.anatomy import Section

_HALF = 9  # of a stamp, in pixels

# name: (objects per 1000 pixels of cytoplasm, radius range in pixels, axial
# ratio range, darkness of the rim, darkness of the lumen) in grey levels
_KINDS = {
    "vesicle": (1.7, (2.4, 4.4), (1.0, 1.35), 78, 14),
    "tubule": (0.6, (2.2, 3.4), (1.4, 2.6), 70, -14),
    "dense core": (0.3, (3.2, 5.5), (1.0, 1.3), 25, 42),
    "microtubule": (4.5, (0.6, 1.2), (1.0, 1.3), 75, 40),
}


def stamps(rng: np.random.Generator, count: int, kind: str) -> np.ndarray:
    """Draw `count` organelles of one kind.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
    kind : str
        A key of the table of kinds.

    Returns
    -------
    ndarray, shape (count, 19, 19), float32
        Darkness in grey levels, 0 in the corners.
    """
    _, radii, ratios, rim, lumen = _KINDS[kind]
    column = (count, 1, 1)
    radius, ratio = rng.uniform(*radii, column), rng.uniform(*ratios, column)
    angle = rng.uniform(0, np.pi, column)
    pixels = np.mgrid[-_HALF : _HALF + 1, -_HALF : _HALF + 1]
    y, x = pixels[:, np.newaxis] + rng.uniform(-0.5, 0.5, (2, *column))
    along = (np.cos(angle) * x + np.sin(angle) * y) / np.sqrt(ratio)
    across = (np.cos(angle) * y - np.sin(angle) * x) * np.sqrt(ratio)
    depth = np.hypot(along, across) - radius  # < 0 inside
    outline = np.exp(-((depth / 1.0) ** 2))
    filling = 1 / (1 + np.exp(np.clip(4 * (depth + 0.5), -50, 50)))
    # An organelle half in the section, or blurred by its slope, looks fainter.
    contrast = rng.lognormal(-0.15, 0.45, column)
    return (contrast * (rim * outline + lumen * filling)).astype(np.float32)


def press(canvas: np.ndarray, spots: np.ndarray, patches: np.ndarray) -> None:
    """Darken `canvas` in place by patches centred at integer `spots`.

    Parameters
    ----------
    canvas : ndarray, shape (side, side), float32
    spots : ndarray, shape (n, 2), int
        (y, x); what falls off the canvas is lost.
    patches : ndarray, shape (n, 19, 19), float32
    """
    padded = np.pad(canvas, _HALF)
    window = np.arange(2 * _HALF + 1)
    rows = spots[:, 0, np.newaxis, np.newaxis] + window[:, np.newaxis]
    columns = spots[:, 1, np.newaxis, np.newaxis] + window
    np.add.at(padded, (rows, columns), patches)
    canvas[:] = padded[_HALF:-_HALF, _HALF:-_HALF]


def darkness(
    rng: np.random.Generator, section: Section, taste: np.ndarray
) -> np.ndarray:
    """Return the darkness of all small organelles of a section.

    Parameters
    ----------
    rng : numpy.random.Generator
    section : Section
    taste : ndarray, shape (kinds, cells), float32
        How much more than usual of each kind each cell holds.

    Returns
    -------
    ndarray, shape (side, side), float32
        Grey levels to subtract.
    """
    canvas = np.zeros(section.border.shape, dtype=np.float32)
    for row, (kind, (density, radii, _, _, _)) in enumerate(_KINDS.items()):
        room = (section.border > radii[1] + section.width) & (section.membrane < 0.1)
        chance = room * taste[row][section.owner] * density / 1000
        spots = np.argwhere(rng.random(room.shape, dtype=np.float32) < chance)
        press(canvas, spots, stamps(rng, len(spots), kind))
    return canvas


def tastes(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Draw how rich in each kind of organelle each cell is, mean about 1."""
    return rng.lognormal(-0.4, 0.9, (len(_KINDS), cells)).astype(np.float32)
