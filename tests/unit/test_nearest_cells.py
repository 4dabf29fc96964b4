import numpy as np
import pytest
from scipy import ndimage

from unet2015.benchmarks import naive_weight_map
from unet2015.samples.nearest_cells import two_nearest


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


def test_agrees_with_distance_transforms():
    for seed in range(60):
        instances = random_instances(seed)
        slow = naive_weight_map.two_nearest(instances)
        for distance, expected in zip(two_nearest(instances), slow, strict=True):
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
    # The second-nearest pixel belongs to the same cell; the cell's border lies
    # half a pixel nearer than its pixels.
    "wide cell": (row(1, 1, 0, 0, 0, 2), [0, 0, 1, 2, 1, 0], [0, 0, 3, 2, 3, 0]),
    "single pixels": (
        [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 2]],
        [[0, 1, 2, 2], [1, 2**0.5, 2**0.5, 1], [2, 2, 1, 0]],
        [
            [0, 8**0.5, 5**0.5, 3],
            [10**0.5, 5**0.5, 5**0.5, 10**0.5],
            [3, 5**0.5, 8**0.5, 0],
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_closed_forms(case):
    parts = [np.atleast_2d(part) for part in CASES[case]]
    for turn in range(4):
        instances, *expected = (np.rot90(part, turn) for part in parts)
        np.testing.assert_array_equal(two_nearest(instances), np.float32(expected))


IDS = {
    "gaps between the numbers": (np.int32, [5, 900, 17]),
    "largest int32": (np.int32, [2**31 - 1, 2**31 - 2, 1]),
    "largest int32 as int64": (np.int64, [2**31 - 1, 2**31 - 2, 1]),
    "uint16": (np.uint16, [65535, 256, 1]),
    "multiples of 65536": (np.int32, [65536, 131072, 196608]),
    "uint8": (np.uint8, [255, 254, 1]),
}


@pytest.mark.parametrize("case", IDS)
def test_numbers_of_the_cells_do_not_matter(case):
    dtype, ids = IDS[case]
    numbered = random_instances(1) % 4
    renamed = np.array([0, *ids]).astype(dtype)[numbered]
    for order in (renamed, np.asfortranarray(renamed), renamed[:, ::-1][:, ::-1]):
        found, expected = two_nearest(order), two_nearest(numbered)
        np.testing.assert_array_equal(found, expected)


def test_instances_are_left_as_they_were():
    instances = random_instances(2).astype(np.int32)
    before = instances.copy()
    two_nearest(instances)
    np.testing.assert_array_equal(instances, before)


@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (1, 1), (257, 3)])
def test_far_cells_on_thin_slices(shape):
    instances = np.zeros(shape, dtype=np.int32)
    instances[0, 0], instances[-1, -1] = 1, 2 if instances.size > 1 else 1
    found = two_nearest(instances)
    expected = naive_weight_map.two_nearest(instances)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
