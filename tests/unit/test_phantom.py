import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

import phantom as program
from unet2015.data.stacks import check_labels, pixel_sha256, read_image, read_labels
from unet2015.phantom.fields import SmoothField, bspline_weights
from unet2015.phantom.partition import REACH, partition
from unet2015.phantom.volume import phantom

PROGRAM = Path(__file__).parents[2] / "scripts" / "phantom.py"
SETTINGS = {"seed": 5, "slices": 2, "side": 64, "contrast": 1, "noise": 0}


@pytest.fixture(scope="module")
def stack():
    return phantom(seed=1, stack=0, slices=6, side=256)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.slow
def test_the_pixels_do_not_depend_on_threads_or_process():
    code = (
        "from unet2015.phantom.volume import phantom\n"
        "from unet2015.data.stacks import pixel_sha256\n"
        "print(*map(pixel_sha256, phantom(3, 1, 2, 96)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(PROGRAM.parent), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [*map(pixel_sha256, phantom(3, 1, 2, 96))]


@pytest.mark.parametrize("other", [(4, 1, 2, 96), (3, 0, 2, 96), (2**32 + 3, 1, 2, 96)])
def test_another_seed_or_stack_is_other_tissue(other):
    one, two = phantom(3, 1, 2, 96), phantom(*other)
    assert (one.labels != two.labels).mean() > 0.1
    assert abs(np.corrcoef(one.volume.ravel(), two.volume.ravel())[0, 1]) < 0.2


def test_shapes_and_dtypes(stack):
    assert [x.shape for x in stack] == [(6, 256, 256)] * 3
    assert [x.dtype for x in stack] == [np.uint8, np.uint8, np.int32]
    check_labels(stack.labels, "phantom")


@pytest.mark.parametrize("slices,side", [(1, 64), (3, 65)])
def test_smallest_and_odd_sizes(slices, side):
    assert phantom(0, 0, slices, side).volume.shape == (slices, side, side)


def test_labels_are_where_instances_are(stack):
    assert np.array_equal(stack.labels == 255, stack.instances > 0)
    assert set(np.unique(stack.labels)) == {0, 255}


def test_instances_have_no_gaps(stack):
    assert np.array_equal(
        np.unique(stack.instances), np.arange(stack.instances.max() + 1)
    )


def test_different_instances_never_touch(stack):
    for axis in (1, 2):
        a = np.moveaxis(stack.instances, axis, 0)
        meets = (a[1:] != a[:-1]) & (a[1:] > 0) & (a[:-1] > 0)
        assert not meets.any()


def test_components_and_instances_are_the_same_regions(stack):
    for labels, instances in zip(stack.labels, stack.instances, strict=True):
        components, count = ndimage.label(labels == 255)
        pairs = np.unique(np.stack([components.ravel(), instances.ravel()]), axis=1)
        # One to one: as many pairs as components and as instances, with (0, 0).
        assert pairs.shape[1] == count + 1 == len(np.unique(instances))


@pytest.mark.slow
def test_membranes_and_cells_are_about_as_in_isbi_2012():
    many = phantom(seed=0, stack=0, slices=2, side=512)
    for labels, instances in zip(many.labels, many.instances, strict=True):
        assert 0.18 < (labels == 0).mean() < 0.32
        assert 60 < len(np.unique(instances)) - 1 < 150
    areas = np.bincount(many.instances[0].ravel())[1:]
    areas = areas[areas > 0]
    assert areas.max() > 50 * areas.min()
    assert 105 < many.volume.mean() < 145
    assert 35 < many.volume.std() < 52


def test_membranes_are_darker_than_cells(stack):
    membrane = stack.labels == 0
    for z in range(len(membrane)):
        grey = stack.volume[z].astype(float)
        assert grey[membrane[z]].mean() < grey[~membrane[z]].mean() - 35


def test_cells_go_on_from_slice_to_slice(stack):
    first, last = (set(np.unique(stack.instances[z])) - {0} for z in (0, 1))
    assert len(first & last) > 0.8 * len(first)


def test_near_slices_resemble_each_other_more_than_far_ones():
    long = phantom(seed=2, stack=0, slices=10, side=192)
    flat = long.volume.reshape(10, -1).astype(float)
    near, middle, far = (
        np.mean([np.corrcoef(flat[z], flat[z + d])[0, 1] for z in range(10 - d)])
        for d in (1, 3, 8)
    )
    assert 0.6 > near > middle > far
    assert near > 0.12


def test_partition_equals_its_slow_reference():
    rng = np.random.default_rng(0)
    centre = rng.uniform(0, 70, (25, 2))
    radius, aspect = rng.uniform(3, 14, 25), rng.uniform(1, 3, 25)
    angle = rng.uniform(0, 6, 25)
    warped = np.mgrid[:70, :70] + rng.normal(0, 1, (2, 70, 70))
    owner, border = partition(warped.astype(np.float32), centre, radius, angle, aspect)
    distance, gradient = all_distances(warped, centre, radius, angle, aspect)
    assert np.mean(owner == distance.argmin(axis=0)) > 0.999  # float32 ties
    assert np.allclose(border, slow_border(distance, gradient), atol=1e-2)


def all_distances(warped, centre, radius, angle, aspect):
    """Distance of every pixel to every cell and its gradient."""
    distance, gradient = [], []
    for c, r, t, a in zip(centre, radius, angle, aspect, strict=True):
        rows = np.array([[np.sin(t), np.cos(t)], [np.cos(t), -np.sin(t)]])
        rows *= np.array([[a**-0.5], [a**0.5]])  # along and across, scaled
        scaled = np.tensordot(rows, warped - c[:, None, None], axes=1)
        norm = np.hypot(*scaled)
        distance.append(norm - r)
        gradient.append(np.tensordot(rows.T, scaled / norm, axes=1))
    return np.stack(distance), np.stack(gradient)


def slow_border(distance, gradient):
    """Inverse cubic sum of the distances to all other cells."""
    own = distance.argmin(axis=0)[None]
    gap = distance - np.take_along_axis(distance, own, axis=0)
    turn = gradient - np.take_along_axis(gradient, own[:, None], axis=0)
    slope = np.maximum(np.hypot(turn[:, 0], turn[:, 1]), 0.3)
    border = np.clip(gap / slope, 0.01, REACH)
    each = border**-3 - REACH**-3
    np.put_along_axis(each, own, 0, axis=0)
    return (each.sum(axis=0) + REACH**-3) ** (-1 / 3)


def test_spline_weights_sum_to_one():
    assert np.allclose(bspline_weights(np.linspace(0, 1, 9)).sum(axis=1), 1)


def test_smooth_field_is_smooth_and_of_unit_variance():
    field = SmoothField(np.random.default_rng(0), (20, 128), (2.0, 8.0), 2)
    planes = np.stack([field.at(z) for z in range(20)])
    assert planes.shape == (20, 2, 128, 128)
    assert abs(planes.std() - 1) < 0.1
    assert np.abs(np.diff(planes, axis=-1)).max() < 1


def command(folder, settings):
    """Return the program's options, with its outputs in `folder`."""
    (folder / "settings.json").write_text(settings)
    kinds = ("volume", "labels")
    names = [f"{split}-{kind}" for split in ("train", "test") for kind in kinds]
    options = [x for name in names for x in (f"--{name}", folder / f"{name}.tif")]
    options += ["--settings", folder / "settings.json"]
    options += ["--provenance", folder / "provenance.json"]
    return [str(x) for x in options]


def test_program_writes_stacks_and_provenance(tmp_path):
    program.main(command(tmp_path, json.dumps(SETTINGS)))
    record = json.loads((tmp_path / "provenance.json").read_text())
    assert record["source"] == "phantom"
    assert record["settings"] == SETTINGS
    for index, split in enumerate(("train", "test")):
        made = phantom(stack=index, **SETTINGS)
        files = {
            "volume": read_image(tmp_path / f"{split}-volume.tif"),
            "labels": read_labels(tmp_path / f"{split}-labels.tif"),
        }
        assert same(files.values(), made[:2])
        for kind in ("volume", "labels"):
            entry = record["stacks"][f"{split}-{kind}"]
            assert entry["sha256"] == pixel_sha256(files[kind])
            assert entry["shape"] == [2, 64, 64]
