"""Smooth random deformations on a coarse grid (paper, section 3.1)."""

import functools

import numpy as np
from scipy import ndimage


@functools.lru_cache(maxsize=32)
def bicubic_basis(grid: int, side: int) -> np.ndarray:
    """Return the matrix that interpolates `grid` knots at `side` pixels.

    Column j is the cubic spline through the j-th unit vector, the knots lying
    evenly from the first to the last pixel. A displacement grid G of shape
    (grid, grid) becomes the per-pixel displacement ``B @ G @ B.T``.

    Parameters
    ----------
    grid : int
        Knots along a side, at least 2 (paper: 3).
    side : int
        Pixels along a side.

    Returns
    -------
    ndarray, float64, shape (side, grid)
        Read-only; every row sums to 1.
    """
    positions = np.linspace(0, grid - 1, side)[np.newaxis]
    basis = np.stack(
        [
            ndimage.map_coordinates(knot, positions, order=3, mode="mirror")
            for knot in np.eye(grid)
        ],
        axis=1,
    )
    basis.flags.writeable = False
    return basis


def displacement(knots: np.ndarray, side: int) -> np.ndarray:
    """Interpolate displacement vectors from a coarse grid to every pixel.

    Parameters
    ----------
    knots : ndarray, float, shape (2, grid, grid)
        Vertical and horizontal displacement in pixels at the knots.
    side : int
        Pixels along a side of the sample.

    Returns
    -------
    ndarray, float64, shape (2, side, side)
        Vertical and horizontal displacement in pixels.
    """
    basis = bicubic_basis(knots.shape[-1], side)
    # Row by row: of one large product BLAS makes threads of its own, which then wait
    # at full speed beside those that draw other samples.
    return np.matmul((basis @ knots)[:, :, np.newaxis], basis.T)[:, :, 0]
