import numpy as np
import pytest
from scipy import ndimage

from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.affinity_targets import (
    AffinityTargets,
    grown_cells,
    same_cell,
)
from unet2015.samples.augmentation import random_numbers, sample, source_positions
from unet2015.samples.linked_cells import linked_cells
from unet2015.samples.weight_map import instances_of
from unet2015.settings import defaults

STILL = defaults("augmentation") | {
    "side": 8,
    "rotate": False,
    "flip": False,
    "scale": 0.0,
    "shift": 0.0,
    "displacement_std": 0.0,
}
MOVED = {
    **STILL,
    "side": 32,
    "rotate": True,
    "flip": True,
    "scale": 0.1,
    "shift": 9.0,
    "displacement_std": 3.0,
}
OFFSETS = [(0, 0, 1), (0, 1, 0), (0, 3, -2), (0, -5, 9), (0, 40, 0)]


def labels_of(*rows):
    """Return labels drawn as text: # = membrane, ? = unknown, else interior."""
    values = {"#": 0, "?": 127}
    return np.array([[values.get(c, 255) for c in row] for row in rows], np.uint8)


def test_cells_grow_to_the_centre_lines_of_membranes():
    found = grown_cells(labels_of("..###...", "..###...", "####...."))
    np.testing.assert_array_equal(
        found, [[1, 1, 1, 1, 2, 2, 2, 2]] + [[1, 1, 1, 2, 2, 2, 2, 2]] * 2
    )


def test_unknown_pixels_belong_to_no_cell():
    found = grown_cells(labels_of(".#?##."))
    np.testing.assert_array_equal(found, [[1, 1, 0, 2, 2, 2]])


def test_cells_that_touch_at_a_corner_are_two():
    found = grown_cells(labels_of(".#", "#."))
    np.testing.assert_array_equal(found[[0, 1], [0, 1]], [1, 2])


def test_slice_without_cells_has_none():
    assert not grown_cells(labels_of("##", "??")).any()


def test_targets_by_hand():
    cells = np.array([[1, 1, 2], [1, 0, 2]])
    found = same_cell(cells, cells, [(0, 1), (1, -1), (0, -2), (5, 0)])
    np.testing.assert_array_equal(found[0], [[1, 0, -1], [-1, -1, -1]])
    np.testing.assert_array_equal(found[1], [[-1, 1, -1], [-1, -1, -1]])
    np.testing.assert_array_equal(found[2], [[-1, -1, 0], [-1, -1, 0]])
    np.testing.assert_array_equal(found[3], -1)
    assert found.dtype == np.int8


def test_cell_that_the_sample_cuts_remains_one():
    # A U whose bottom no sample of 8 px can see.
    wall = [".######."] * 12
    labels = labels_of(*wall, "........")[np.newaxis]
    targets = AffinityTargets(TrainingSlices(labels, labels), [(0, 0, 7)])
    seen = [targets.sample(0, index, STILL)[0] for index in range(20)]
    assert all((each[:, 0] == 1).all() for each in seen)


@pytest.fixture(scope="module")
def labels():
    noise = np.random.default_rng(0).standard_normal((3, 60, 70))
    cells = ndimage.gaussian_filter(noise, (0, 3, 3)) > 0.04
    stack = np.where(cells, 255, 0).astype(np.uint8)
    stack[:, 20:24, 30:50] = 127
    return stack


def test_targets_of_a_deformed_sample_pixel_by_pixel(labels):
    targets = AffinityTargets(TrainingSlices(labels, labels), OFFSETS)
    parts = set()
    for index in range(4):
        found = targets.sample(5, index, MOVED)
        drawn = random_numbers(5, index, labels.shape, MOVED)
        cells = grown_cells(labels[drawn.slice])
        rows, columns = np.rint(source_positions(drawn, 32)).astype(int)

        def cell(y, x, cells=cells, rows=rows, columns=columns):
            if not (0 <= y < 32 and 0 <= x < 32):
                return 0
            inside = 0 <= rows[y, x] < 60 and 0 <= columns[y, x] < 70
            return cells[rows[y, x], columns[y, x]] if inside else 0

        for channel, (_, down, right) in enumerate(OFFSETS):
            for y, x in np.ndindex(32, 32):
                one, other = cell(y, x), cell(y + down, x + right)
                expected = int(one == other) if one and other else -1
                assert found[channel, y, x] == expected
            parts |= set(np.unique(found[channel]))
    assert parts == {-1, 0, 1}


def test_targets_belong_to_the_labels_of_the_sample(labels):
    targets = AffinityTargets(TrainingSlices(labels, labels), OFFSETS[:2])
    for index in range(6):
        made = sample(labels, labels, 2, index, MOVED)
        right, down = targets.sample(2, index, MOVED)
        interior = made.labels == 255
        across = interior[:, :-1] & interior[:, 1:] & (right[:, :-1] >= 0)
        assert (right[:, :-1][across] == 1).mean() > 0.98  # neighbours in a cell
        unknown = made.labels == 127
        assert (right[unknown] == -1).all() and (down[unknown] == -1).all()


def test_pairs_between_slices_by_hand():
    here, above = np.array([[1, 1, 2], [0, 3, 3]]), np.array([[1, 2, 2], [1, 1, 3]])
    found = same_cell(here, above, [(0, 0), (0, -1), (-1, 0)])
    np.testing.assert_array_equal(found[0], [[1, 0, 1], [-1, 0, 1]])
    np.testing.assert_array_equal(found[1], [[-1, 1, 1], [-1, 0, 0]])
    np.testing.assert_array_equal(found[2], [[-1, -1, -1], [-1, 0, 0]])


BETWEEN = [(0, 0, 1), (1, 0, 0), (-1, 2, -3)]


def slowly(labels, indices, drawn, step):
    """Return by pixel of a sample the cells here and in the slice at + step."""
    side = MOVED["side"]
    rows, columns = np.rint(source_positions(drawn, side)).astype(int)
    own, numbers = drawn.slice, [None, None]
    if indices[own] + step not in indices:
        return None
    other = indices.index(indices[own] + step)
    for end, place in enumerate((own, other)):
        grown = grown_cells(labels[place])
        inside = (rows >= 0) & (rows < 60) & (columns >= 0) & (columns < 70)
        numbers[end] = np.where(inside, grown[rows % 60, columns % 70], 0)
    names = linked_cells(*(instances_of(labels[place]) for place in (own, other)))
    return [name[each] for name, each in zip(names, numbers, strict=True)]


@pytest.mark.parametrize("indices", [[4, 5, 6], [7, 1, 8]])
def test_targets_between_slices_pixel_by_pixel(labels, indices):
    targets = AffinityTargets(TrainingSlices(labels, labels, indices), BETWEEN)
    seen = set()
    for index in range(8):
        found = targets.sample(1, index, MOVED)
        drawn = random_numbers(1, index, labels.shape, MOVED)
        for channel in (1, 2):
            step, down, right = BETWEEN[channel]
            ends = slowly(labels, indices, drawn, step)
            seen.add((drawn.slice, step, ends is None))
            if ends is None:
                assert (found[channel] == -1).all()
                continue
            for y, x in np.ndindex(32, 32):
                inside = 0 <= y + down < 32 and 0 <= x + right < 32
                one = ends[0][y, x]
                other = ends[1][y + down, x + right] if inside else 0
                expected = int(one == other) if one and other else -1
                assert found[channel, y, x] == expected
    assert len({end for *_, end in seen}) == 2
