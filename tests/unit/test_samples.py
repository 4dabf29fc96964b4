import numpy as np
import pytest

from unet2015.errors import InputError
from unet2015.samples import (
    Samples,
    grey_statistics,
    open_array,
    open_samples,
    writing_array,
)

CURE = "delete .* and run the workflow again"


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return Samples(
        rng.integers(0, 256, (5, 8, 8), dtype=np.uint8),
        rng.choice(np.array([0, 255], dtype=np.uint8), (5, 8, 8)),
        rng.random((5, 8, 8)).astype(np.float16),
    )


def save(folder, arrays):
    paths = [folder / f"{name}.npy" for name in arrays._fields]
    for path, array in zip(paths, arrays, strict=True):
        np.save(path, array)
    return paths


def test_round_trip(tmp_path, arrays):
    for name, array in arrays._asdict().items():
        with writing_array(tmp_path / name, array.shape, array.dtype) as mapped:
            mapped[:] = array
        np.testing.assert_array_equal(open_array(tmp_path / name), array)


def test_failure_leaves_no_array(tmp_path):
    with (
        pytest.raises(RuntimeError),
        writing_array(tmp_path / "a.npy", (2, 2), np.uint8),
    ):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no array"),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: np.save(path, np.array([{}]), allow_pickle=True),
    ],
    ids=["missing", "empty", "text", "truncated", "header only", "pickle"],
)
def test_damaged_array_is_refused(tmp_path, damage):
    path = tmp_path / "images.npy"
    np.save(path, np.zeros((2, 3), dtype=np.uint8))
    damage(path)
    with pytest.raises(InputError, match=rf"images.npy cannot be read.*{CURE}"):
        open_array(path)


def test_arrays_of_different_shapes_are_refused(tmp_path, arrays):
    paths = save(tmp_path, arrays._replace(weights=arrays.weights[:4]))
    with pytest.raises(InputError, match=rf"\(5, 8, 8\).*\(4, 8, 8\).*{CURE}"):
        open_samples(*paths)


def test_samples_are_opened_in_order(tmp_path, arrays):
    for found, expected in zip(
        open_samples(*save(tmp_path, arrays)), arrays, strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_grey_statistics_are_those_of_all_pixels(arrays):
    mean, std = grey_statistics(arrays.images)
    assert mean == pytest.approx(arrays.images.mean(), rel=1e-12)
    assert std == pytest.approx(arrays.images.std(), rel=1e-12)
