import numpy as np
import pytest
import tifffile
from scipy import ndimage

import segment as program
from unet2015.data.overlap import mutual_best
from unet2015.data.stacks import read_probability
from unet2015.data.tiff import read_stack
from unet2015.data.viewer_files import write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError
from unet2015.inference.linking import linked
from unet2015.inference.segmentation import segment
from unet2015.inference.small_pieces import join_small

SEEDS = range(4)


def probabilities(smooth, seed, shape=(30, 37)):
    return smooth(shape, seed=seed, sigma=1.5) / 255


def edges(ids):
    """Give the ids on both sides of every edge of pixels, one by one."""
    for y, x in np.ndindex(ids.shape):
        for v, u in ((y + 1, x), (y, x + 1)):
            if v < ids.shape[0] and u < ids.shape[1] and ids[y, x] != ids[v, u]:
                yield int(ids[y, x]), int(ids[v, u])


def joined_slowly(ids, sizes, least):
    """Join one piece at a time in the picture itself."""
    ids, sizes = ids.copy(), dict(enumerate(sizes.tolist()))
    while True:
        pairs = [(a, b) for a, b in edges(ids) if a and b]
        borders = [*pairs, *[(b, a) for a, b in pairs]]
        with_neighbours = {a for a, _ in borders}
        small = [n for n in with_neighbours if sizes[n] < least]
        if not small:
            return ids
        one = min(small, key=lambda n: (sizes[n], n))
        beside = [b for a, b in borders if a == one]
        into = min(set(beside), key=lambda n: (-beside.count(n), n))
        ids[ids == one] = into
        sizes[into] += sizes.pop(one)


def numbered(ids):
    """Number ids in the order of their first pixel."""
    order = list(dict.fromkeys(ids[ids > 0].tolist()))
    table = {0: 0, **{n: k for k, n in enumerate(order, start=1)}}
    return np.vectorize(table.get)(ids)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("least", [1, 12, 60, 10**6])
def test_small_pieces_join_as_in_the_slow_reference(smooth, seed, least):
    ids = segment(probabilities(smooth, seed), 0.5, 1).astype(int)
    sizes = np.bincount(ids.ravel())
    found = join_small(ids, sizes, least)
    np.testing.assert_array_equal(
        numbered(found), numbered(joined_slowly(ids, sizes, least))
    )
    assert set(np.unique(found)) == set(range(1, found.max() + 1))


def test_longest_border_decides_and_not_the_size():
    ids = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [2, 3, 3, 3, 2], [2, 2, 2, 2, 2]])
    sizes = np.array([0, 100, 1000, 3])
    assert (join_small(ids, sizes, 4)[2, 1:4] == 2).all()  # 5 edges against 3


def test_pieces_that_join_are_counted_together():
    ids = np.array([[1, 2, 3, 4]])
    sizes = np.array([0, 9, 3, 4, 9])
    # 2 joins 1 (the lowest id of two equal borders), 3 the larger of what is left.
    np.testing.assert_array_equal(join_small(ids, sizes, 5), [[1, 1, 1, 2]])


@pytest.mark.parametrize("seed", SEEDS)
def test_membranes_go_to_the_nearest_piece(smooth, seed):
    p = probabilities(smooth, seed)
    ids = segment(p, 0.6, 1)
    pieces, count = ndimage.label(p > 0.6)
    assert count > 2
    away = [ndimage.distance_transform_edt(pieces != n) for n in range(1, count + 1)]
    taken = np.take_along_axis(np.stack(away), ids[np.newaxis].astype(int) - 1, 0)[0]
    np.testing.assert_allclose(taken, np.min(away, axis=0))


def test_pieces_that_touch_at_a_corner_are_two():
    p = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert segment(p, 0.5, 1).max() == 2


@pytest.mark.parametrize(("value", "ids"), [(0.2, 0), (0.5, 0), (0.9, 1)])
def test_slice_of_membrane_has_no_cell(value, ids):
    found = segment(np.full((4, 5), value, np.float32), 0.5, 25)
    assert found.dtype == np.uint32
    assert (found == ids).all()


def mutual_slowly(before, after):
    """Look for the best partner of each cell, one by one."""

    def best(cell, one, other):
        beneath = other[(one == cell) & (other > 0)]
        counts = np.bincount(beneath)
        return int(counts.argmax()) if beneath.size else None

    pairs = [(n, best(n, before, after)) for n in np.unique(before[before > 0])]
    return [(a, b) for a, b in pairs if b and best(b, after, before) == a]


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_are_linked_as_in_the_slow_reference(smooth, seed):
    one, other = (segment(probabilities(smooth, s), 0.5, 4) for s in (seed, 100 + seed))
    other[:3] = 0
    found = np.stack(mutual_best(one, other), axis=1)
    np.testing.assert_array_equal(found, mutual_slowly(one, other))
    assert 0 < len(found) < one.max()


def test_ids_go_on_where_cells_do():
    slices = [
        np.array([[1, 1, 1, 2, 2, 2]]),
        np.array([[1, 1, 2, 2, 2, 3]]),  # 2 and the second cell share most
        np.array([[0, 0, 0, 0, 0, 0]]),
        np.array([[1, 1, 1, 1, 1, 1]]),
    ]
    found = [ids.tolist()[0] for ids in linked(slices)]
    assert found == [
        [1, 1, 1, 2, 2, 2],
        [1, 1, 2, 2, 2, 3],
        [0] * 6,
        [4] * 6,  # nothing goes on through a slice without cells
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_linking_keeps_the_cells_of_every_slice(smooth, seed):
    slices = [segment(probabilities(smooth, seed + k), 0.5, 4) for k in range(4)]
    for cells, ids in zip(slices, linked(slices), strict=True):
        pairs = set(zip(cells.ravel().tolist(), ids.ravel().tolist(), strict=True))
        assert len(pairs) == len({b for _, b in pairs}) == cells.max()


def written(tmp_path, smooth, dtype=np.float32):
    stack = np.stack([probabilities(smooth, seed) for seed in (1, 1, 2)])
    path = tmp_path / "probability.tif"
    write_for_viewers(path, stack.astype(dtype), stack.shape, dtype, Voxel(6, 40))
    return path


def run(path, *options):
    output = path.parent / "instances.tif"
    program.main(["--probability", str(path), "--output", str(output), *options])
    return output


def test_program_writes_ids_with_the_pixel_size_of_the_probabilities(tmp_path, smooth):
    path = written(tmp_path, smooth)
    output = run(path, "--threshold=0.5", "--least=4")
    expected = [segment(p, 0.5, 4) for p in read_probability(path)]
    with tifffile.TiffFile(output) as file:
        assert file.imagej_metadata["slices"] == 3
        assert file.imagej_metadata["spacing"] == 40
    found = read_stack(output)
    assert found.dtype == np.uint32
    np.testing.assert_array_equal(found, [*linked(expected)])
    assert (found[0] == found[1]).all() and found[2].max() > found[0].max()
    found = read_stack(run(path, "--threshold=0.5", "--least=4", "--ids=slice"))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("dtype", "options", "message"),
    [
        (np.float32, ["--threshold=60"], "--threshold is 60, expected 0 or more and l"),
        (np.float32, ["--threshold=nan"], "--threshold is nan, expected 0 or more"),
        (np.uint8, [], r"probability.tif has dtype uint8, expected float32"),
    ],
)
def test_what_cannot_be_segmented_is_refused(tmp_path, smooth, dtype, options, message):
    path = written(tmp_path, smooth, dtype)
    with pytest.raises(InputError, match=message):
        run(path, *options)
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
