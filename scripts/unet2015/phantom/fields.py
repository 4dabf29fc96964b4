"""Smooth random fields in space: cubic B-splines over a random lattice."""

import numpy as np

from unet2015.data.compiled import compiled


def bspline_weights(fraction: np.ndarray) -> np.ndarray:
    """Return the four uniform cubic B-spline weights at `fraction`.

    Parameters
    ----------
    fraction : ndarray, shape (n,)
        Position between two knots, 0..1.

    Returns
    -------
    ndarray, shape (n, 4), float64
        Weights of the knots -1, 0, 1, 2; each row sums to 1.
    """
    t = np.asarray(fraction, dtype=np.float64)
    weights = [
        (1 - t) ** 3,
        3 * t**3 - 6 * t**2 + 4,
        -3 * t**3 + 3 * t**2 + 3 * t + 1,
        t**3,
    ]
    return np.stack(weights, axis=-1) / 6


class SmoothField:
    """A random vector field over a stack, evaluated plane by plane.

    Parameters
    ----------
    rng : numpy.random.Generator
        Drawn from once, here.
    shape : tuple of int
        (slices, side): extent in sections and in pixels.
    spacing : tuple of float
        (sections, pixels) between two lattice points: the coarseness.
    components : int
        Number of independent fields.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        shape: tuple[int, int],
        spacing: tuple[float, float],
        components: int = 1,
    ) -> None:
        slices, side = shape
        depth = int(np.ceil((slices + 2) / spacing[0])) + 4
        knots = int(np.ceil(side / spacing[1])) + 4
        self.step = spacing[0]
        self.lattice = rng.standard_normal((depth, components, knots, knots))
        position = np.arange(side) / spacing[1]
        self.start = position.astype(np.int64)
        self.weights = bspline_weights(position - self.start)
        # A cubic B-spline shrinks the variance of white coefficients to
        # 151/315 along each axis, on average over a cell; this undoes it.
        self.gain = (151 / 315) ** -1.5

    def at(self, z: float) -> np.ndarray:
        """Return the plane at height `z`, of about unit variance.

        Parameters
        ----------
        z : float
            In sections, -1..slices + 1.

        Returns
        -------
        ndarray, shape (components, side, side), float32
        """
        position = (z + 1) / self.step
        start = int(position)
        weights = self.gain * bspline_weights(np.array([position - start]))[0]
        layer = np.einsum("k,kcyx->cyx", weights, self.lattice[start : start + 4])
        side = len(self.start)
        plane = np.empty((len(layer), side, side), dtype=np.float32)
        for component in range(len(layer)):
            _spread(layer[component], self.start, self.weights, plane[component])
        return plane


@compiled
def _spread(lattice, start, weights, plane):
    """Evaluate a lattice at every pixel of `plane`, rows first.

    A loop and not two matrix products: the sum has one order whatever the
    number of threads, so a phantom keeps its bits.
    """
    row = np.empty(lattice.shape[1])
    for y in range(len(start)):
        row[:] = 0.0
        for k in range(4):
            row += weights[y, k] * lattice[start[y] + k]
        for x in range(len(start)):
            total = 0.0
            for k in range(4):
                total += weights[x, k] * row[start[x] + k]
            plane[y, x] = total
