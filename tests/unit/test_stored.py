import errno
import os

import numpy as np
import pytest

from unet2015.errors import InputError
from unet2015.samples.stored import (
    CachedSamples,
    WeightedSample,
    open_array,
    writing_array,
)

CURE = "delete .* and run the workflow again"


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return WeightedSample(
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


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="not on macOS")
def test_disk_that_cannot_reserve_is_written(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with writing_array(tmp_path / "a.npy", (2, 2), np.uint8) as mapped:
        mapped[:] = 7
    assert (open_array(tmp_path / "a.npy") == 7).all()


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


@pytest.mark.parametrize(
    ("name", "part", "shown"),
    [
        ("weights", np.s_[:4], r"\(5, 8, 8\).*\(4, 8, 8\)"),
        ("labels", np.s_[:, :, 1:], r"\(5, 8, 8\).*\(5, 8, 7\)"),
        ("image", np.s_[0], r"\(8, 8\).*\(5, 8, 8\)"),
    ],
)
def test_arrays_of_different_shapes_are_refused(tmp_path, arrays, name, part, shown):
    cut = arrays._replace(**{name: getattr(arrays, name)[part]})
    with pytest.raises(InputError, match=rf"{shown}.*{CURE}"):
        CachedSamples(*save(tmp_path, cut))


def test_flat_arrays_are_refused(tmp_path, arrays):
    flat = WeightedSample(*(array[0] for array in arrays))
    with pytest.raises(InputError, match=rf"\(8, 8\).*\(samples, side, side\).*{CURE}"):
        CachedSamples(*save(tmp_path, flat))


def test_samples_are_given_by_index(tmp_path, arrays):
    samples = CachedSamples(*save(tmp_path, arrays))
    assert (len(samples), samples.side) == (5, 8)
    for index in (4, 0, 2):
        for name, found in samples[index]._asdict().items():
            np.testing.assert_array_equal(found, getattr(arrays, name)[index])
            assert found.dtype == getattr(arrays, name).dtype
