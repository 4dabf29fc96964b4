"""From tissue to picture: grain, illumination, blur, noise, 8 bits."""

import cv2
import numpy as np


def grain(rng: np.random.Generator, side: int, sigma: float) -> np.ndarray:
    """Return Gaussian noise of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
    side : int
        Width and height, in pixels.
    sigma : float
        Pixels over which it is correlated.

    Returns
    -------
    ndarray, shape (side, side), float32
    """
    white = rng.standard_normal((side, side), dtype=np.float32)
    kernel = cv2.getGaussianKernel(2 * int(4 * sigma + 1) + 1, sigma)
    smooth = cv2.sepFilter2D(
        white, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101
    )
    return smooth / np.float32((kernel**2).sum())


def expose(
    rng: np.random.Generator, grey: np.ndarray, contrast: float = 1, noise: float = 0
) -> np.ndarray:
    """Photograph a section.

    Parameters
    ----------
    rng : numpy.random.Generator
    grey : ndarray, shape (side, side), float32
        Transmission in grey levels.
    contrast : float
        Factor of the usual contrast; less than 0 inverts.
    noise : float
        Standard deviation of further pixel noise, grey levels.

    Returns
    -------
    ndarray, shape (side, side), uint8
    """
    side = len(grey)
    picture = cv2.GaussianBlur(grey, (0, 0), 0.8)
    picture = picture + 15 * grain(rng, side, 0.8) + 6 * grain(rng, side, 1.6)
    picture += _illumination(rng, side)
    usual, brightness = rng.normal(1.08, 0.06), rng.normal(0, 8)
    picture = 128 + contrast * usual * (picture - 128) + brightness
    if noise:
        picture += noise * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _illumination(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return a quadratic shading of a few grey levels."""
    y, x = np.meshgrid(*2 * (np.linspace(-1, 1, side),), indexing="ij")
    terms = np.stack([y, x, y * x, y * y, x * x])
    return np.tensordot(rng.normal(0, 4, 5), terms, axes=1).astype(np.float32)
