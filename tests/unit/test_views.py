import numpy as np
import pytest

from unet2015.errors import InputError
from unet2015.inference.views import LONGEST, views

SHAPES = [(48, 48), (40, 64), (65, 33)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("average", ["none", "symmetries"])
def test_symmetries_are_undone_exactly(smooth, average, shape):
    image = smooth(shape)
    for _, forward, backward, _ in views(average, shape):
        np.testing.assert_array_equal(backward(forward(image)), image)


@pytest.mark.parametrize("shape", SHAPES)
def test_rotations_are_undone_closely_inside(smooth, shape):
    image = smooth(shape)
    for _, forward, backward, _ in views("rotations", shape):
        error = np.abs(backward(forward(image)) - image)[4:-4, 4:-4]
        assert error.max() < 0.02 * np.ptp(image)


@pytest.mark.parametrize("channels", [1, 3, 7])
@pytest.mark.parametrize("shape", SHAPES)
def test_scales_are_undone_closely_inside(smooth, shape, channels):
    image = np.stack([k + smooth(shape) for k in range(channels)], axis=-1).squeeze()
    for _, forward, backward, _ in views("scales", shape):
        seen = np.atleast_3d(forward(image)).transpose(2, 0, 1)
        for k, channel in enumerate(seen):
            error = np.abs(backward(channel) - k - smooth(shape))[4:-4, 4:-4]
            assert error.max() < 0.03 * np.ptp(smooth(shape))


def test_scales_begin_with_the_symmetries(smooth):
    image = smooth((40, 50))
    pairs = zip(views("symmetries", (40, 50)), views("scales", (40, 50)), strict=False)
    for alone, scaled in pairs:
        np.testing.assert_array_equal(scaled.forward(image), alone.forward(image))


def test_scales_show_a_structure_at_its_relative_place():
    image = np.zeros((60, 100), dtype=np.float32)
    image[40:50, 20:30] = 1
    shapes = set()
    for view in list(views("scales", image.shape))[::8]:
        height, width = view.shape
        seen = view.forward(image) > 0.5
        shapes.add(view.shape)
        rows, columns = np.nonzero(seen)
        assert abs(rows.mean() + 0.5 - 45 / 60 * height) < 0.6
        assert abs(columns.mean() + 0.5 - 25 / 100 * width) < 0.6
        assert abs(seen.mean() - 1 / 60) < 0.003
    assert shapes == {(60, 100), (48, 80), (75, 125)}


def test_tiny_slice_keeps_a_pixel_at_each_scale():
    for view in views("scales", (1, 1)):
        assert view.backward(view.forward(np.ones((1, 1), np.float32))) == 1


def test_first_rotation_is_the_slice_itself(smooth):
    image = smooth((40, 50))
    view = next(iter(views("rotations", image.shape)))
    np.testing.assert_array_equal(view.backward(view.forward(image)), image)


@pytest.mark.parametrize(
    ("average", "count"),
    [("none", 1), ("symmetries", 8), ("scales", 24), ("rotations", 7)],
)
def test_views_are_distinct(smooth, average, count):
    image = smooth((32, 32))
    seen = [view.forward(image).tobytes() for view in views(average, image.shape)]
    assert len(seen) == len(set(seen)) == count


def test_rotations_turn_by_sevenths():
    image = np.zeros((61, 101), dtype=np.float32)
    image[18:23, 68:73] = 1
    spot = 20 + 10j  # right of and above the centre
    for k, view in enumerate(views("rotations", image.shape)):
        turned = view.forward(image)
        middle_row, middle_column = (np.array(turned.shape) - 1) / 2
        expected = spot * np.exp(2j * np.pi * k / 7)
        row = round(middle_row - expected.imag)
        assert turned[row, round(middle_column + expected.real)] > 0.9


@pytest.mark.parametrize("corner", [(3, 3), (3, -4), (-4, 3), (-4, -4)])
def test_rotated_slice_is_not_cut_off(corner):
    image = np.zeros((41, 90), dtype=np.float32)
    row, column = corner
    image[row, column] = 1
    for view in views("rotations", image.shape):
        assert view.forward(image).max() > 0.3


def test_unknown_average_is_refused():
    with pytest.raises(ValueError, match="test_time_augmentation is 'mean', expected"):
        next(iter(views("mean", (4, 4))))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("average", ["none", "symmetries", "scales", "rotations"])
def test_shape_of_a_view_is_known_in_advance(smooth, average, shape):
    for view in views(average, shape):
        assert view.forward(smooth(shape)).shape == view.shape
        assert view.backward(np.ones(view.shape, dtype=np.float32)).shape == shape


@pytest.mark.parametrize("average", ["none", "symmetries"])
def test_symmetries_take_no_memory(average):
    image = np.zeros((9, 12), dtype=np.float32)
    for view in views(average, image.shape):
        assert np.shares_memory(view.forward(image), image)


def test_longest_slice_that_can_be_rotated():
    assert len(list(views("rotations", (1, LONGEST - 1)))) == 7
    with pytest.raises(InputError, match=r"1 x 32766 px.*at most 32766 px; average"):
        list(views("rotations", (1, LONGEST)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 3)])
@pytest.mark.parametrize("kind", ["symmetries", "scales", "rotations"])
def test_slices_of_few_pixels_are_seen(shape, kind):
    for view in views(kind, shape):  # OpenCV could go on for ever
        seen = view.forward(np.ones(shape, np.float32))
        assert seen.shape == view.shape
        np.testing.assert_allclose(view.backward(seen.copy()), 1, atol=1e-6)
