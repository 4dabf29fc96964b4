"""By how many pixels one picture lies beside another."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

CLEAR = 0.25, 5.0
"""Correlation from which a place is believed: absolute, and in standard deviations of
that of noise, which small pictures reach by chance."""

LONGEST = 256
"""Pixels along a side of what is compared; larger pictures are made smaller."""

BLUR = 1.0
"""Pixels: noise and the texture of membranes say nothing about the place."""


class Displacement(NamedTuple):
    """Where a picture fits another best, and how well, as correlations -1..1."""

    rows: int  # px
    columns: int  # px
    there: float
    here: float  # where it lies
    noise: float  # standard deviation of both, if the pictures have nothing in common

    @property
    def clear(self) -> bool:
        """Whether the pictures fit each other there at all."""
        least, times = CLEAR
        return abs(self.there) >= max(least, times * self.noise)

    @property
    def length(self) -> float:
        """Distance, px."""
        return float(np.hypot(self.rows, self.columns))


def displacement(one: np.ndarray, other: np.ndarray) -> Displacement:
    """Return where `one` fits `other`, bright on bright or bright on dark.

    Parameters
    ----------
    one, other : ndarray, shape (height, width)
        Grey levels, or labels.

    Returns
    -------
    Displacement
        Of what both show, from `one` to `other`: the maximum of the absolute
        cross-correlation, under a window that fades towards the edges. A picture of
        one value fits nowhere: all is 0.

    Examples
    --------
    >>> picture = np.random.default_rng(0).integers(0, 256, (64, 64))
    >>> displacement(picture, np.roll(picture, (5, -3), (0, 1)))[:2]
    (5, -3)
    """
    shrinkage = -(-max(one.shape) // LONGEST)
    parts = [_prepared(picture, shrinkage) for picture in (one, other)]
    size = np.prod([np.linalg.norm(part) for part in parts])
    if not size:
        return Displacement(0, 0, 0.0, 0.0, 1.0)
    spectra = [np.fft.rfft2(part) for part in parts]
    found = np.fft.irfft2(spectra[1] * spectra[0].conj(), parts[0].shape) / size
    best = np.unravel_index(np.abs(found).argmax(), found.shape)
    sides = found.shape
    moved = [(b + s // 2) % s - s // 2 for b, s in zip(best, sides, strict=True)]
    there, here = float(found[best]), float(found[0, 0])
    return Displacement(
        *(int(m) * shrinkage for m in moved), there, here, _noise(sides)
    )


def _prepared(picture: np.ndarray, shrinkage: int) -> np.ndarray:
    """Return a picture made smaller, smooth, without its mean and without edges."""
    height, width = (side // shrinkage for side in picture.shape)
    cut = picture[: height * shrinkage, : width * shrinkage]
    parts = cut.reshape(height, shrinkage, width, shrinkage)
    small = parts.mean((1, 3), dtype=np.float64)
    small = ndimage.gaussian_filter(small - small.mean(), BLUR)
    return small * np.hanning(height)[:, np.newaxis] * np.hanning(width)


def _noise(sides: tuple[int, int]) -> float:
    """Return the standard deviation of correlations of smoothed, windowed noise."""
    blurred = 2 * np.pi * BLUR**2  # pixels that say the same
    faded = (9 / 64 / (35 / 128)) ** 2  # part that the window leaves, of both axes
    return float((blurred / (faded * np.prod(sides))) ** 0.5)
