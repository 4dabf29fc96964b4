import numpy as np
import pytest

from unet2015.errors import InputError
from unet2015.inference.mutex_watershed import mutex_watershed

PLANE = ((0, 0, 1), (0, 1, 0), (0, 0, 3), (0, 2, -2), (0, -3, 1))
SOLID = ((0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 2, 2), (-1, 1, -2), (2, 0, 0))
SHORT = (True, True, False, False, False)


def edges_of(affinities, offsets):
    """Give offset, pixel, other pixel and affinity, one by one."""
    shape = affinities.shape[1:]
    for k, offset in enumerate(offsets):
        for pixel in np.ndindex(shape):
            other = tuple(np.add(pixel, offset))
            if all(0 <= n < side for n, side in zip(other, shape, strict=True)):
                yield k, pixel, other, affinities[k][pixel]


def slow_watershed(affinities, offsets, attractive):
    """Algorithm 1 of Wolf et al. 2018, its sets written out."""
    one = affinities.dtype.type(255 if affinities.dtype == np.uint8 else 1)
    edges = [
        (p if attractive[k] else one - p, attractive[k], pixel, other)
        for k, pixel, other, p in edges_of(affinities, offsets)
    ]
    edges.sort(key=lambda edge: edge[0], reverse=True)  # stable
    shape = affinities.shape[1:]
    ids = np.arange(affinities[0].size)
    mutexes, count = np.zeros((2, len(edges)), int), 0
    for _, attracts, *ends in edges:
        i, j = (np.ravel_multi_index(end, shape) for end in ends)
        if ids[i] == ids[j]:
            continue
        if not attracts:
            mutexes[:, count], count = (i, j), count + 1
            continue
        a, b = ids[mutexes[:, :count]]
        either = (a == ids[i]) & (b == ids[j]) | (a == ids[j]) & (b == ids[i])
        if not either.any():
            ids[ids == ids[j]] = ids[i]
    return numbered(ids.reshape(shape))


def numbered(ids):
    """Number ids in the order of their first pixel."""
    order = list(dict.fromkeys(ids.ravel().tolist()))
    return np.vectorize({n: k for k, n in enumerate(order, start=1)}.get)(ids)


def random_affinities(seed, shape, values=None):
    """Draw affinities, of a few values only if there shall be ties."""
    rng = np.random.default_rng(seed)
    drawn = rng.random(shape, dtype=np.float32)
    if values is None:
        return drawn
    return np.array(values)[(drawn * len(values)).astype(int)]


TIES = {
    "none": None,
    "halves": np.float32([0, 0.5, 1]),
    "tenths": np.linspace(0, 1, 11, dtype=np.float32),
    "negative zero": np.float32([-0.0, 0, 1, 0.25]),
    "levels": np.arange(256, dtype=np.uint8),
    "few levels": np.uint8([0, 100, 155, 255]),
    "of one value": np.float32([0.5]),
}


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize(
    ("shape", "offsets"),
    [((1, 7, 8), PLANE), ((3, 4, 5), SOLID), ((1, 1, 20), PLANE), ((2, 3, 1), SOLID)],
)
def test_agrees_with_the_published_algorithm(shape, offsets, ties):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        attractive = rng.random(len(offsets)) < rng.choice([0.3, 0.5, 0.8])
        affinities = random_affinities(seed, (len(offsets), *shape), TIES[ties])
        found = mutex_watershed(affinities, offsets, attractive)
        expected = slow_watershed(affinities, offsets, attractive)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.int32 and found.shape == shape


@pytest.mark.parametrize("weakest", [0, 0.3])
def test_agrees_where_lists_and_table_grow(weakest):
    """With strong attraction alone there are few to exclude, with any, thousands."""
    affinities = random_affinities(1, (14, 1, 36, 40))
    affinities[:2] = weakest + (1 - weakest) * affinities[:2]
    offsets = ((0, 0, 1), (0, 1, 0), *((0, k, 2 * k - 9) for k in range(3, 15)))
    attractive = [True] * 2 + [False] * 12
    found = mutex_watershed(affinities, offsets, attractive)
    np.testing.assert_array_equal(
        found, slow_watershed(affinities, offsets, attractive)
    )


def partitions(count):
    """Give all partitions of things as lists of ids."""
    if count == 0:
        yield []
        return
    for ids in partitions(count - 1):
        for n in range(max(ids, default=0) + 1):
            yield [*ids, n + 1]


def test_is_the_best_multicut_if_no_edge_outweighs_a_stronger_one():
    """The objective of Wolf et al. 2020: each edge weighs more than all weaker ones."""
    offsets, attractive = ((0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 0, 2)), (1, 1, 0, 0)
    for seed in range(10):
        affinities = random_affinities(seed, (4, 1, 2, 4))
        edges = [
            (p if attractive[k] else 1 - p, attractive[k], i[1] * 4 + i[2], j)
            for k, i, (_, y, x), p in edges_of(affinities, offsets)
            for j in [y * 4 + x]
        ]
        edges.sort()

        def violation(ids, edges=edges):
            return sum(
                2**rank
                for rank, (_, attracts, i, j) in enumerate(edges)
                if (ids[i] != ids[j]) == bool(attracts)
            )

        # Others may be as good: what no edge joins may be one cell or two.
        found = mutex_watershed(affinities, offsets, attractive)
        assert violation(found.ravel()) == min(map(violation, partitions(8)))


def affinities_of(ids, offsets, inside=0.9, outside=0.1):
    """Return affinities that are high in cells and low between them."""
    made = np.zeros((len(offsets), *ids.shape), np.float32)
    for k, offset in enumerate(offsets):
        for pixel in np.ndindex(ids.shape):
            other = tuple(np.add(pixel, offset))
            if all(0 <= n < side for n, side in zip(other, ids.shape, strict=True)):
                made[k][pixel] = inside if ids[pixel] == ids[other] else outside
    return made


def discs(shape=(1, 15, 31)):
    """Draw two discs on a ground, whose ids are 1, 2 and 3."""
    _, y, x = np.ogrid[tuple(map(slice, shape))]
    ids = np.ones(shape, int)
    ids[(y - 7) ** 2 + (x - 7) ** 2 <= 30] = 2
    ids[(y - 7) ** 2 + (x - 23) ** 2 <= 30] = 3
    return ids


FAR = ((0, 0, 1), (0, 1, 0), (0, 0, 9), (0, 9, 0))
FAR_ATTRACT = (True, True, False, False)


def test_two_discs_are_two_cells():
    ids = discs()
    found = mutex_watershed(affinities_of(ids, FAR), FAR, FAR_ATTRACT)
    np.testing.assert_array_equal(found, ids)


@pytest.mark.parametrize(("bridge", "cells"), [(0.85, 3), (0.95, 2)])
def test_bridge_joins_discs_only_if_it_is_stronger_than_what_parts_them(bridge, cells):
    ids = discs()
    ids[0, 7, 13:18] = 2  # up to the other disc, from which 0.9 parts it
    affinities = affinities_of(ids, FAR)
    affinities[0, 0, 7, 17] = bridge
    found = mutex_watershed(affinities, FAR, FAR_ATTRACT)
    assert found.max() == cells
    assert (found[0, 7, 7] == found[0, 7, 23]) == (cells == 2)


def test_ring_parts_what_is_inside_from_what_is_outside():
    _, y, x = np.ogrid[:1, :21, :21]
    away = np.hypot(y - 10, x - 10)
    ids = np.where(away < 4, 3, np.where(away < 7, 2, 1))
    found = mutex_watershed(affinities_of(ids, FAR), FAR, FAR_ATTRACT)
    np.testing.assert_array_equal(found, ids)


def row(offsets, *edges, pixels=5):
    """Return affinities of a row: repelling ones of 1 = 0, the others 0."""
    made = np.zeros((len(offsets), 1, 1, pixels), np.float32)
    made[1:] = 1
    for k, x, p in edges:
        made[k, 0, 0, x] = p
    return made


CHAIN = ((0, 0, 1), (0, 0, 4))


@pytest.mark.parametrize(
    ("repelled", "expected"),
    [
        (0.19, [1, 1, 1, 2, 2]),  # 0.81 goes before the weakest link
        (0.21, [1, 1, 1, 1, 1]),  # 0.79 comes after it
    ],
)
def test_repelling_edge_beats_a_path_at_its_weakest_link(repelled, expected):
    links = [(0, 0, 0.9), (0, 1, 0.9), (0, 2, 0.8), (0, 3, 0.9)]
    affinities = row(CHAIN, *links, (1, 0, repelled))
    found = mutex_watershed(affinities, CHAIN, [True, False])
    assert found.ravel().tolist() == expected


def test_the_excluded_are_handed_over_when_cells_are_joined():
    # 0 and 4 exclude each other; both grow before they meet between 2 and 3.
    links = [(0, 3, 0.9), (0, 0, 0.8), (0, 1, 0.7), (0, 2, 0.6)]
    affinities = row(CHAIN, *links, (1, 0, 0.0))
    found = mutex_watershed(affinities, CHAIN, [True, False])
    assert found.ravel().tolist() == [1, 1, 1, 2, 2]


def test_of_equal_edges_that_of_the_first_offset_comes_first():
    offsets = ((0, 0, 1), (0, 1, 0))
    affinities = np.float32([[[[0.5], [0]]], [[[0.5], [0]]]])
    edge = mutex_watershed(affinities, offsets, [True, False])
    assert edge.ravel().tolist() == [1, 2]  # there is no other edge than that downwards
    both = ((0, 0, 1), (0, 0, 2))
    line = np.full((2, 1, 1, 3), 0.5, np.float32)
    assert mutex_watershed(line, both, [True, False]).max() == 1
    assert mutex_watershed(line, both[::-1], [False, True]).ravel().tolist() == [
        1,
        1,
        2,
    ]


def test_of_equal_edges_of_an_offset_that_of_the_first_pixel_comes_first():
    affinities = row(CHAIN, *[(0, x, 0.7) for x in range(4)], (1, 0, 0.0))
    found = mutex_watershed(affinities, CHAIN, [True, False])
    assert found.ravel().tolist() == [1, 1, 1, 1, 2]


def test_what_leads_out_of_the_stack_is_not_looked_at():
    affinities = random_affinities(5, (6, 3, 5, 6))
    expected = mutex_watershed(affinities, SOLID, (1, 1, 1, 0, 0, 0))
    for k, offset in enumerate(SOLID):
        for axis, step in enumerate(offset):
            side = np.moveaxis(affinities[k], axis, 0)
            side[slice(len(side) - step, None) if step > 0 else slice(-step)] = 0.123
    found = mutex_watershed(affinities, SOLID, (1, 1, 1, 0, 0, 0))
    np.testing.assert_array_equal(found, expected)


def test_slices_without_edges_across_are_partitioned_each_alone():
    affinities = random_affinities(6, (5, 3, 9, 8))
    whole = mutex_watershed(affinities, PLANE, SHORT)
    for k in range(3):
        alone = mutex_watershed(affinities[:, k : k + 1], PLANE, SHORT)
        np.testing.assert_array_equal(numbered(whole[k]), alone[0])
    assert not set(np.unique(whole[0])) & set(np.unique(whole[1]))


def random_number(place):
    """SplitMix64 as Steele et al. write it, in whole numbers without end."""
    bits, full = place + 0x9E3779B97F4A7C15, 2**64
    bits = (bits % full ^ bits % full >> 30) * 0xBF58476D1CE4E5B9 % full
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % full
    return bits ^ bits >> 31


def test_random_numbers_are_those_of_the_published_generator():
    assert random_number(1234567) == 6457827717110365317  # known of the generator


@pytest.mark.parametrize("keep", [2, 4, 10**6])
def test_one_repelling_edge_in_so_many_is_kept(keep):
    affinities = random_affinities(7, (5, 1, 12, 11))
    found = mutex_watershed(affinities, PLANE, SHORT, keep)
    pixels = affinities[0].size
    kept = np.array([random_number(n) % keep == 0 for n in range(affinities.size)])
    # What repels with no strength at all comes last, where it changes nothing.
    without = affinities.copy().reshape(5, pixels)
    without[2:][~kept.reshape(5, pixels)[2:]] = 1
    without[:2] = np.maximum(without[:2], 1e-6)
    expected = mutex_watershed(without.reshape(affinities.shape), PLANE, SHORT)
    np.testing.assert_array_equal(found, expected)
    assert abs(kept.mean() - 1 / keep) < 0.05


@pytest.mark.parametrize("keep", [1, 4])
def test_every_call_gives_the_same(keep):
    affinities = random_affinities(8, (5, 1, 40, 50))
    before = affinities.copy()
    calls = [mutex_watershed(affinities, PLANE, SHORT, keep) for _ in range(3)]
    assert all((one == calls[0]).all() for one in calls)
    np.testing.assert_array_equal(affinities, before)


def test_order_of_memory_does_not_matter():
    affinities = random_affinities(9, (5, 1, 9, 8))
    turned = np.asfortranarray(affinities)
    found = mutex_watershed(turned, PLANE, SHORT)
    np.testing.assert_array_equal(found, mutex_watershed(affinities, PLANE, SHORT))


def test_offsets_longer_than_the_stack_have_no_edges():
    affinities = np.full((2, 1, 3, 3), 0.9, np.float32)
    found = mutex_watershed(affinities, [(0, 0, 7), (3, 0, 0)], [True, True])
    assert found.ravel().tolist() == list(range(1, 10))


GOOD = np.full((5, 1, 4, 4), 0.5, np.float32)


@pytest.mark.parametrize(
    ("affinities", "offsets", "flags", "keep", "message"),
    [
        (GOOD[:, 0], PLANE, SHORT, 1, r"shape \(5, 4, 4\), expected \(offsets, slices"),
        (GOOD[:, :, :0], PLANE, SHORT, 1, r"shape \(5, 1, 0, 4\), expected"),
        (np.broadcast_to(GOOD[:, :1, :1, :1], (5, 300, 900, 900)), PLANE, SHORT, 1,
            "at most 1073741824 in all; give each slice alone"),
        (GOOD[:4], PLANE, SHORT, 1, "4 affinities come with 5 offsets"),
        (GOOD, PLANE, SHORT[:4], 1, r"5 offsets and flags of the shape \(4,\)"),
        (GOOD, PLANE[:4], SHORT[:4], 1, "5 affinities come with 4 offsets"),
        (GOOD, [*PLANE[:4], (0, 0, 0)], SHORT, 1, "expected none that is zero"),
        (GOOD, [*PLANE[:4], (0, 1)], SHORT, 1, "three whole numbers"),
        (GOOD * np.float32([1, np.nan, 1, 1]), PLANE, SHORT, 1, "hold.*NaN"),
        (GOOD * 3, PLANE, SHORT, 1, r"spans 1\.5\.\.1\.5, expected 0\.\.1"),
        (GOOD.astype(np.int32), PLANE, SHORT, 1, "dtype int32"),
        (GOOD, PLANE, SHORT, 0, "keep is 0, expected 1 or more"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(affinities, offsets, flags, keep, message):
    with pytest.raises(InputError, match=message):
        mutex_watershed(affinities, offsets, flags, keep)
