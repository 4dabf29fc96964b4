import numpy as np
import pytest

from unet2015.inference.mutex_watershed import mutex_watershed
from unet2015.inference.specks import join_specks

OFFSETS = ((0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 2, -2), (0, -1, 0))
ATTRACTIVE = (True, True, True, False, False)
RIGHT = OFFSETS[:1]


def slow_join(labels, affinities, offsets, attractive, min_size):
    """Join one speck at a time in the picture itself."""
    ids = labels.astype(int)
    while True:
        between = {}
        for k in np.flatnonzero(attractive):
            for pixel in np.ndindex(ids.shape):
                other = tuple(np.add(pixel, offsets[k]))
                if any(not 0 <= n < s for n, s in zip(other, ids.shape, strict=True)):
                    continue
                a, b = ids[pixel], ids[other]
                if a != b:
                    for pair in ((a, b), (b, a)):
                        between.setdefault(pair, []).append(float(affinities[k][pixel]))
        sizes = np.bincount(ids.ravel())
        specks = {a for a, _ in between if sizes[a] < min_size}
        if not specks:
            return numbered(ids)
        one = min(specks, key=lambda n: (sizes[n], n))
        means = {b: np.mean(p) for (a, b), p in between.items() if a == one}
        ids[ids == one] = min(means, key=lambda b: (-means[b], b))


def numbered(ids):
    """Number ids in the order of their first pixel."""
    order = list(dict.fromkeys(ids.ravel().tolist()))
    return np.vectorize({n: k for k, n in enumerate(order, start=1)}.get)(ids)


@pytest.mark.parametrize("min_size", [1, 3, 8, 10**6])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_specks_join_as_in_the_slow_reference(min_size, dtype):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        affinities = rng.random((4, 2, 7, 8), dtype=np.float32)
        if dtype == np.uint8:
            affinities = np.rint(255 * affinities).astype(np.uint8)
        labels = mutex_watershed(affinities, OFFSETS[:4], ATTRACTIVE[:4])
        asked = (labels, affinities, OFFSETS[:4], ATTRACTIVE[:4], min_size)
        found = join_specks(*asked)
        np.testing.assert_array_equal(found, slow_join(*asked))
        assert found.dtype == np.uint32


def joined(labels, right, min_size=2):
    """Join the specks of a row, given the affinities of neighbours."""
    labels = np.array(labels).reshape(1, 1, -1)
    affinities = np.float32([*right, 0]).reshape(1, *labels.shape)
    return join_specks(labels, affinities, RIGHT, [True], min_size).ravel().tolist()


def test_speck_joins_where_it_is_attracted_most():
    assert joined([1, 1, 2, 3, 3], [0.9, 0.4, 0.3, 0.9]) == [1, 1, 1, 2, 2]
    assert joined([1, 1, 2, 3, 3], [0.9, 0.3, 0.4, 0.9]) == [1, 1, 2, 2, 2]


def test_of_equal_neighbours_it_is_the_first():
    assert joined([1, 1, 2, 3, 3], [0.9, 0.3, 0.3, 0.9]) == [1, 1, 1, 2, 2]


def test_mean_decides_and_not_the_sum():
    labels = np.array([[[1, 1, 3], [1, 2, 3], [1, 1, 3]]])
    affinities = np.zeros((2, 1, 3, 3), np.float32)
    affinities[0, 0, 1] = [0.4, 0.6, 0]  # 1-2, 2-3
    affinities[1, 0, :2, 1] = 0.4  # above and below 1: 1.2 in all, 0.4 in the mean
    found = join_specks(labels, affinities, OFFSETS[:2], [True, True], 2)
    assert found[0].tolist() == [[1, 1, 2], [1, 2, 2], [1, 1, 2]]


def test_specks_that_join_are_counted_together():
    assert joined([1, 1, 1, 2, 3, 4, 4, 4], [1, 1, 0.1, 0.9, 0.1, 1, 1]) == [
        *[1, 1, 1, 2, 2, 3, 3, 3]
    ]


def test_as_many_pixels_as_asked_are_enough():
    assert joined([1, 2, 2, 3, 3, 3], [0.9] * 5, 2) == [1, 1, 1, 2, 2, 2]
    assert joined([1, 1, 2, 2, 3, 3], [0.9] * 5, 2) == [1, 1, 2, 2, 3, 3]


def test_speck_without_a_neighbour_stays():
    assert joined([1, 1, 1], [0.5, 0.5], 10) == [1, 1, 1]
    labels = np.array([[[1, 1], [2, 2]]])  # no offset leads from row to row
    found = join_specks(labels, np.ones((1, 1, 2, 2), "f4"), RIGHT, [True], 9)
    np.testing.assert_array_equal(found, labels)


def test_pixels_of_all_slices_count_and_neighbours_of_others():
    labels = np.array([[[1, 1, 2, 2]], [[3, 1, 2, 2]]])
    affinities = np.zeros((5, 2, 1, 4), np.float32)
    affinities[0, 1] = 0.3
    affinities[2, 0] = 0.8  # from slice to slice
    found = join_specks(labels, affinities, OFFSETS, ATTRACTIVE, 3)
    assert found.tolist() == [[[1, 1, 2, 2]], [[1, 1, 2, 2]]]


def test_edges_that_repel_do_not_count():
    labels = np.array([[[1, 1, 2, 3, 3]]])
    affinities = np.zeros((2, 1, 1, 5), np.float32)
    affinities[0] = 0.3
    affinities[1] = 1
    affinities[1, 0, 0, 0] = 0
    found = join_specks(labels, affinities, [(0, 0, 1), (0, 0, 2)], [True, False], 2)
    assert found.ravel().tolist() == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("offset", [(0, 0, -1), (0, -1, 0), (-1, 0, 0), (1, -1, 2)])
def test_offsets_of_any_direction_are_followed(offset):
    rng = np.random.default_rng(1)
    labels = numbered(rng.integers(0, 9, (3, 4, 5)))
    affinities = rng.random((1, 3, 4, 5), dtype=np.float32)
    asked = (labels, affinities, [offset], [True], 8)
    np.testing.assert_array_equal(join_specks(*asked), slow_join(*asked))
