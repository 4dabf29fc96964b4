import numpy as np
import pytest
from scipy import ndimage

from unet2015.samples.deformation import bicubic_basis, displacement

GRIDS = [(2, 17), (3, 17), (3, 100), (3, 572), (5, 41), (9, 33)]
"""Knots and pixels along a side; (3, 572) is the paper's."""


def knots_of(grid, seed=0):
    return 10 * np.random.default_rng(seed).standard_normal((2, grid, grid))


@pytest.mark.parametrize(("grid", "side"), GRIDS)
def test_rows_of_the_basis_sum_to_one(grid, side):
    basis = bicubic_basis(grid, side)
    assert basis.shape == (side, grid)
    np.testing.assert_allclose(basis.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize(("grid", "side"), GRIDS)
def test_equals_interpolation_of_the_grid(grid, side):
    knots = knots_of(grid)
    axis = np.linspace(0, grid - 1, side)
    positions = np.meshgrid(axis, axis, indexing="ij")
    expected = [
        ndimage.map_coordinates(part, positions, order=3, mode="mirror")
        for part in knots
    ]
    zoomed = [ndimage.zoom(part, side / grid, order=3, mode="mirror") for part in knots]
    found = displacement(knots, side)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    np.testing.assert_allclose(found, zoomed, atol=1e-10)


@pytest.mark.parametrize(("grid", "side"), [(2, 17), (3, 17), (5, 41), (9, 33)])
def test_passes_through_the_knots(grid, side):
    knots, apart = knots_of(grid), (side - 1) // (grid - 1)
    np.testing.assert_allclose(
        displacement(knots, side)[:, ::apart, ::apart], knots, atol=1e-9
    )


def test_equal_vectors_shift_everything_alike():
    knots = np.ones((2, 3, 3)) * np.array([4.0, -7.0])[:, None, None]
    found = displacement(knots, 25)
    np.testing.assert_allclose(found[0], 4, atol=1e-12)
    np.testing.assert_allclose(found[1], -7, atol=1e-12)


def test_shared_basis_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        bicubic_basis(3, 17)[0, 0] = 1
