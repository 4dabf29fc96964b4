import json

import numpy as np
import pytest
import tifffile
from affinity_files import write_affinities
from scipy import ndimage

import partition as program
from unet2015.data.affinities import read_affinities
from unet2015.data.stacks import read_probability
from unet2015.data.tiff import read_stack
from unet2015.data.viewer_files import write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError
from unet2015.inference.linking import linked
from unet2015.inference.mutex_watershed import mutex_watershed
from unet2015.inference.partitioning import partition, with_borders
from unet2015.inference.specks import join_specks
from unet2015.settings import defaults

OFFSETS = ((0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 0, 5), (0, 5, 0), (1, 4, 0))
SHAPE = (3, 20, 24)


def cells(drift=3):
    """Draw cells in columns of 8 pixels that move from slice to slice."""
    z, _, x = np.ogrid[tuple(map(slice, SHAPE))]
    return np.broadcast_to((x + drift * z) // 8 + 1, SHAPE)


def affinities_of(ids, noise=0.0):
    """Return affinities (slices, offsets, rows, columns) that are high within cells."""
    made = np.random.default_rng(0).uniform(0, noise, (3, len(OFFSETS), *SHAPE[1:]))
    for k, (slices, *offset) in enumerate(OFFSETS):
        ends = np.roll(ids, (-slices, *(-n for n in offset)), (0, 1, 2))
        made[:, k] += np.where(ids == ends, 0.8, 0.1)
    return made.astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_borders_are_those_of_the_slow_reference(smooth, seed):
    probability = np.round(smooth((17, 23), seed=seed, sigma=1) / 255, 1)  # with ties
    labels = ndimage.label(smooth((17, 23), seed=seed + 9, sigma=2) > 120)[0]
    expected = probability.copy()
    for y, x in np.ndindex(labels.shape):
        for v, u in ((y + 1, x), (y, x + 1)):
            if v < 17 and u < 23 and labels[y, x] != labels[v, u]:
                first = probability[y, x] < probability[v, u]
                expected[(y, x) if first else (v, u)] = 0
    found = with_borders(probability, labels)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("seed", range(4))
def test_no_two_instances_touch(smooth, seed):
    probability = 0.05 + 0.95 * smooth((40, 50), seed=seed, sigma=1) / 255
    ids = (smooth((40, 50), seed=seed + 9, sigma=3) // 32).astype(int)
    pieces, count = ndimage.label(with_borders(probability, ids) > 0)
    assert count > 4
    assert all(len(np.unique(ids[pieces == n])) == 1 for n in range(1, count + 1))


def test_straight_border_is_one_pixel_wide_and_lies_in_the_membrane():
    across = np.float32([0.9, 0.8, 0.3, 0.4, 0.9, 0.9])
    probability = np.tile(across, (5, 1))
    for place, border in ((2, 2), (3, 2), (4, 3)):
        labels = np.tile(np.arange(6) >= place, (5, 1))
        found = with_borders(probability, labels)
        np.testing.assert_array_equal(np.flatnonzero((found == 0).all(0)), [border])
        assert np.count_nonzero(found == 0) == 5


def test_slice_of_one_instance_has_no_border(smooth):
    probability = smooth((9, 9)) / 255
    found = with_borders(probability, np.ones((9, 9), int))
    np.testing.assert_array_equal(found, probability)
    assert found is not probability


def settings(**changed):
    return defaults("partition") | {"method": "mutex-watershed"} | changed


def test_slices_are_partitioned_each_alone_and_then_linked():
    affinities = affinities_of(cells(), 0.15)
    found = partition(affinities, OFFSETS, settings())
    planes, attractive = [0, 1, 3, 4], [True, True, False, False]
    each = [
        mutex_watershed(a[planes, np.newaxis], np.array(OFFSETS)[planes], attractive)[0]
        for a in affinities
    ]
    np.testing.assert_array_equal(found, [*linked(each)])
    assert found.dtype == np.uint32


def test_whole_stack_is_partitioned_with_what_is_from_slice_to_slice():
    found = partition(affinities_of(cells()), OFFSETS, settings(stack=True))
    pairs = np.unique(np.stack([found.ravel(), cells().ravel()]), axis=1)
    assert pairs.shape[1] == found.max() == cells().max()
    # A cell that moves by more than half its width has another id in each slice alone.
    apart = partition(affinities_of(cells(5)), OFFSETS, settings())
    assert apart[0, 0, 8] != apart[1, 0, 3]


def test_settings_are_those_of_the_watershed_and_the_specks():
    affinities, swapped = affinities_of(cells(), 0.9), (1, 0, 2, 3)
    affinities = np.clip(affinities, 0, 1)
    chosen = settings(stack=True, keep=3, min_size=9, attractive=4.5)
    found = partition(affinities, OFFSETS, chosen)
    attractive = [True, True, True, False, False, True]  # (1, 4, 0) is 4.12 long
    asked = affinities.transpose(swapped), OFFSETS, attractive
    labels = mutex_watershed(*asked, keep=3)
    np.testing.assert_array_equal(found, join_specks(labels, *asked, 9))


def test_offsets_none_of_which_attracts_are_refused():
    with pytest.raises(InputError, match=r"attractive is 1 px, expected .*\(0, 0, 5\)"):
        partition(np.ones((1, 2, 9, 9), "f4"), OFFSETS[2:4], settings())


def test_no_method_is_refused():
    with pytest.raises(InputError, match="method is 'none', expected 'mutex-water"):
        partition(np.ones((1, 1, 9, 9), "f4"), OFFSETS[:1], settings(method="none"))


@pytest.fixture
def files(tmp_path, smooth):
    """Write what the program reads; give the options that name it."""
    paths = {n: tmp_path / f"{n}.tif" for n in ("probability", "affinities")}
    stack = np.stack([smooth(SHAPE[1:], seed) / 255 for seed in range(3)])
    write_for_viewers(paths["probability"], stack, SHAPE, np.float32, Voxel(4, 50))
    write_affinities(paths["affinities"], affinities_of(cells(), 0.1), OFFSETS)
    paths |= {n: tmp_path / f"{n}.tif" for n in ("output", "instances")}
    paths["partition"] = tmp_path / "partition.json"
    paths["partition"].write_text(json.dumps(settings()))
    return paths


def run(files):
    program.main([f"--{name}={path}" for name, path in files.items()])


@pytest.mark.parametrize("stack", [True, False])
def test_program_writes_probability_with_borders_and_ids(files, stack):
    files["partition"].write_text(json.dumps(settings(stack=stack)))
    run(files)
    affinities, offsets = read_affinities(files["affinities"])
    labels = partition(affinities, offsets, settings(stack=stack))
    found = read_stack(files["instances"])
    assert found.dtype == np.uint32
    np.testing.assert_array_equal(found, labels)
    before = read_probability(files["probability"])
    pairs = zip(before, labels, strict=True)
    np.testing.assert_array_equal(
        read_probability(files["output"]), [with_borders(*pair) for pair in pairs]
    )
    for name in ("output", "instances"):
        with tifffile.TiffFile(files[name]) as file:
            assert file.imagej_metadata["slices"] == 3
            assert file.imagej_metadata["spacing"] == 50


def refused(files, message):
    with pytest.raises(InputError, match=message):
        run(files)
    assert not files["output"].exists() and not files["instances"].exists()


def test_affinities_of_another_stack_are_refused(files):
    write_affinities(files["affinities"], affinities_of(cells())[:2], OFFSETS)
    refused(files, r"probability\.tif has shape \(3, .*affinities\.tif has shape \(2,")


def test_unknown_or_missing_settings_are_refused(files):
    files["partition"].write_text(json.dumps(settings(stak=True)))
    refused(files, r"partition\.json: stak is not a key; did you mean stack\?")
    lacking = {k: v for k, v in settings().items() if k != "keep"}
    files["partition"].write_text(json.dumps(lacking))
    refused(files, r"partition\.json: lacks keep")


def test_image_in_the_place_of_the_probability_is_refused(files):
    grey = np.zeros(SHAPE, np.uint8)
    write_for_viewers(files["probability"], grey, SHAPE, np.uint8, Voxel())
    refused(files, r"probability\.tif has dtype uint8, expected float32")
