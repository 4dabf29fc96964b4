import numpy as np
import pytest
import reference_weights
from scipy import ndimage

from unet2015.two_nearest import two_nearest


def random_instances(seed):
    """Return blobs or specks, from none to dense, some without a gap between."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 48, 2))
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), rng.uniform(0, 3))
    cells = ndimage.label(noise > np.quantile(noise, rng.uniform(0.05, 1)))[0]
    ids = rng.permutation(10 * (cells.max() + 1))[: cells.max() + 1] + 1
    ids[0] = 0
    if seed % 3 == 0:  # cut through the cells: touching instances
        ids = np.stack([ids, ids + (ids > 0) * 1000])
        return ids[np.arange(shape[1]) // 5 % 2, cells]
    return ids[cells]


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_distance_transforms(seed):
    instances = random_instances(seed)
    found = two_nearest(instances)
    for distance, expected in zip(
        found, reference_weights.two_nearest(instances), strict=True
    ):
        assert distance.dtype == np.float32
        np.testing.assert_allclose(distance, expected, atol=1e-5)


def row(*ids):
    return np.array([ids])


INF = np.inf
CASES = {
    "no cell": (row(0, 0, 0), [INF] * 3, [INF] * 3),
    "one cell": (row(0, 7, 0, 0), [1, 0, 1, 2], [INF, 0, INF, INF]),
    "two cells": (row(1, 0, 0, 2), [0, 1, 1, 0], [0, 2, 2, 0]),
    "one cell in two parts": (row(1, 0, 1, 0, 2), [0, 1, 0, 1, 0], [0, 3, 0, 1, 0]),
    "no gap": (row(1, 2, 0, 0), [0, 0, 1, 2], [0, 0, 2, 3]),
    "three cells": (row(3, 0, 1, 0, 2), [0, 1, 0, 1, 0], [0, 1, 0, 1, 0]),
    "cells only": (row(1, 1), [0, 0], [0, 0]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_closed_forms(case, turn):
    instances, *expected = (np.rot90(np.atleast_2d(part), turn) for part in CASES[case])
    np.testing.assert_array_equal(two_nearest(instances), expected)
