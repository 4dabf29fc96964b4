import json

import numpy as np
import pytest
from training_files import call

import training_statistics
from unet2015.data.tiff import write_stack
from unet2015.data.training_slices import (
    TrainingSlices,
    measure,
    read_statistics,
    read_training_slices,
)
from unet2015.errors import InputError


@pytest.fixture
def stacks():
    rng = np.random.default_rng(0)
    volume = rng.integers(0, 256, (4, 9, 7), dtype=np.uint8)
    labels = np.where(rng.random((4, 9, 7)) < 0.7, 255, 0).astype(np.uint8)
    return volume, labels


@pytest.fixture
def files(tmp_path, stacks):
    """Write stacks and a split; return their paths and a way to write others."""
    names = [tmp_path / name for name in ("volume.tif", "labels.tif", "split.json")]

    def write(volume=stacks[0], labels=stacks[1], slices=(3, 0)):
        write_stack(names[0], volume)
        write_stack(names[1], labels)
        names[2].write_text(json.dumps({"train": {"slices": list(slices)}}))
        return names

    return write


def test_slices_of_the_split(stacks, files):
    *slices, indices = read_training_slices(*files())
    for found, stack in zip(slices, stacks, strict=True):
        np.testing.assert_array_equal(found, stack[[3, 0]])
    assert list(indices) == [3, 0]


def test_neighbours_are_those_that_the_split_trains_on(stacks, files):
    found = read_training_slices(*files(slices=(0, 1, 3)), {"neighbours": 1})
    expected = [stacks[0][[1, 0, 1]], stacks[0][[0, 1, 0]], stacks[0][[3, 3, 3]]]
    np.testing.assert_array_equal(found.images, np.moveaxis(expected, 1, -1))
    np.testing.assert_array_equal(found.labels, stacks[1][[0, 1, 3]])


def test_fewer_slices_keep_their_neighbours(stacks, files):
    settings = {"neighbours": 1, "slices": 2}
    found = read_training_slices(*files(slices=range(4)), settings)
    expected = [stacks[0][[0, 1, 2]], stacks[0][[2, 3, 2]]]
    np.testing.assert_array_equal(found.images, np.moveaxis(expected, 1, -1))
    np.testing.assert_array_equal(found.labels, stacks[1][[1, 3]])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.zeros((4, 9, 6), "u1") + 255}, r"has \(4, 9, 6\), expected the"),
        ({"labels": np.full((4, 9, 7), 127, "u1")}, "127 throughout.*needs the truth"),
        (
            {"labels": np.repeat(np.uint8([127, 255, 255, 127]), 63).reshape(4, 9, 7)},
            "127 throughout.*in all slices to train on",
        ),
        ({"slices": [4]}, r"names slice 4, expected 0\.\.3"),
    ],
)
def test_stacks_that_do_not_fit_are_refused(files, changes, message):
    with pytest.raises(InputError, match=message):
        read_training_slices(*files(**changes))


def test_statistics_are_those_of_all_pixels(stacks):
    found = measure(TrainingSlices(*stacks))
    assert found.mean == pytest.approx(stacks[0].mean(), rel=1e-12)
    assert found.std == pytest.approx(stacks[0].std(), rel=1e-12)
    assert found.interior == np.mean(stacks[1] == 255)


def test_class_frequency_is_that_of_the_known_pixels(stacks):
    labels = stacks[1].copy()
    labels[:2] = 127
    found = measure(TrainingSlices(stacks[0], labels))
    assert found.interior == np.mean(stacks[1][2:] == 255)
    assert found.mean == pytest.approx(stacks[0].mean(), rel=1e-12)


def test_constant_slices_are_refused():
    flat = np.full((2, 5, 5), 9, dtype=np.uint8)
    with pytest.raises(InputError, match=r"constant \(grey level 9\).*other slices"):
        measure(TrainingSlices(flat, flat))


def test_program_measures_the_training_slices_alone(stacks, files, tmp_path):
    paths = dict(zip(("volume", "labels", "split"), files(), strict=True))
    call(training_statistics, {**paths, "output": tmp_path / "s.json"})
    chosen = TrainingSlices(*(stack[[3, 0]] for stack in stacks))
    assert read_statistics(tmp_path / "s.json") == measure(chosen)


def test_program_takes_over_how_stacks_were_scaled(files, tmp_path):
    paths = dict(zip(("volume", "labels", "split"), files(), strict=True))
    paths |= {"provenance": tmp_path / "p.json", "output": tmp_path / "s.json"}
    paths["provenance"].write_text('{"intensity_range": [96, 3021.5]}')
    call(training_statistics, paths)
    assert read_statistics(tmp_path / "s.json").intensity_range == [96, 3021.5]
    paths["provenance"].write_text('{"intensity_range": [96]}')
    with pytest.raises(InputError, match=r"p\.json: intensity_range is \[96\], expect"):
        call(training_statistics, paths)


def test_incomplete_statistics_are_refused(tmp_path):
    (tmp_path / "s.json").write_text('{"mean": 1}')
    with pytest.raises(InputError, match="lacks std, interior; write it by training_"):
        read_statistics(tmp_path / "s.json")
