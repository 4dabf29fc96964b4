import numpy as np
import pytest

from unet2015.views import views

SHAPES = [(48, 48), (40, 64), (65, 33)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("average", ["none", "symmetries"])
def test_symmetries_are_undone_exactly(smooth, average, shape):
    image = smooth(shape)
    for forward, backward in views(average, shape):
        np.testing.assert_array_equal(backward(forward(image)), image)


@pytest.mark.parametrize("shape", SHAPES)
def test_rotations_are_undone_closely_inside(smooth, shape):
    image = smooth(shape)
    for forward, backward in views("rotations", shape):
        error = np.abs(backward(forward(image)) - image)[4:-4, 4:-4]
        assert error.max() < 0.02 * np.ptp(image)


def test_first_rotation_is_the_slice_itself(smooth):
    image = smooth((40, 50))
    forward, backward = next(iter(views("rotations", image.shape)))
    np.testing.assert_array_equal(backward(forward(image)), image)


@pytest.mark.parametrize(
    ("average", "count"), [("none", 1), ("symmetries", 8), ("rotations", 7)]
)
def test_views_are_distinct(smooth, average, count):
    image = smooth((32, 32))
    seen = [forward(image).tobytes() for forward, _ in views(average, image.shape)]
    assert len(seen) == len(set(seen)) == count


def test_rotations_turn_by_sevenths():
    image = np.zeros((61, 101), dtype=np.float32)
    image[18:23, 68:73] = 1
    spot = 20 + 10j  # right of and above the centre
    for k, (forward, _) in enumerate(views("rotations", image.shape)):
        turned = forward(image)
        middle_row, middle_column = (np.array(turned.shape) - 1) / 2
        expected = spot * np.exp(2j * np.pi * k / 7)
        row = round(middle_row - expected.imag)
        assert turned[row, round(middle_column + expected.real)] > 0.9


@pytest.mark.parametrize("corner", [(3, 3), (3, -4), (-4, 3), (-4, -4)])
def test_rotated_slice_is_not_cut_off(corner):
    image = np.zeros((41, 90), dtype=np.float32)
    row, column = corner
    image[row, column] = 1
    for forward, _ in views("rotations", image.shape):
        assert forward(image).max() > 0.3


def test_unknown_average_is_refused():
    with pytest.raises(ValueError, match="average is 'mean', expected"):
        next(iter(views("mean", (4, 4))))
