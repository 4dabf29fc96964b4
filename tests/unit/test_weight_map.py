import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from real_data import mirror

import weight_maps
from unet2015.benchmarks import naive_weight_map
from unet2015.data.stacks import read_labels
from unet2015.errors import InputError
from unet2015.samples.weight_map import (
    border_weights,
    class_weights,
    instances_of,
    weigh_labels,
    weight_map,
)

SCRIPTS = Path(__file__).parents[2] / "scripts"


def two_squares(gap):
    """Return two cells of 8x8 px with `gap` columns between them."""
    instances = np.zeros((12, 20 + gap), dtype=np.int32)
    instances[2:10, 2:10] = 1
    instances[2:10, 10 + gap : 18 + gap] = 2
    return instances


@pytest.mark.parametrize(
    ("gap", "w0", "sigma", "expected"),
    [
        # 10 · exp(-(gap + 1)² / (2 · 5²))
        (1, 10, 5, 9.231163464),
        (3, 10, 5, 7.261490371),
        (9, 10, 5, 1.353352832),
        (20, 10, 5, 0.001477484),
        (3, 1, 2, 0.135335283),
    ],
)
def test_weight_between_two_squares(gap, w0, sigma, expected):
    weights = border_weights(two_squares(gap), w0, sigma)
    # d1 + d2 = gap + 1 all the way across
    np.testing.assert_allclose(weights[6, 10 : 10 + gap], expected, rtol=1e-5)


@pytest.mark.parametrize(
    "instances",
    [
        np.zeros((9, 9), dtype=np.int32),
        np.pad(np.ones((3, 3), dtype=np.int32), 3),
        np.repeat([[1, 2]], 5, axis=0),
    ],
    ids=["no cell", "one cell", "cells only"],
)
def test_no_border_term(instances):
    assert not border_weights(instances, 10, 5).any()


def test_cells_at_the_border_of_the_slice():
    instances = np.zeros((5, 7), dtype=np.int32)
    instances[:, 0], instances[:, -1] = 1, 2
    expected = 10 * np.exp(-(6**2) / 50)
    np.testing.assert_allclose(
        border_weights(instances, 10, 5)[:, 1:-1], expected, rtol=1e-5
    )


def test_touching_instances_share_the_background_beside_them():
    instances = np.array([[1, 1, 2, 2], [0, 0, 0, 0]], dtype=np.int32)
    d1, d2 = 1, np.sqrt(2)
    weights = border_weights(instances, 10, 5)
    assert weights[1, 1] == pytest.approx(10 * np.exp(-((d1 + d2) ** 2) / 50))
    assert not weights[0].any()


@pytest.mark.parametrize("seed", range(10))
def test_agrees_with_the_reference(seed):
    rng = np.random.default_rng(seed)
    instances = instances_of(
        np.where(rng.random((30, 41)) < 0.4, 255, 0).astype(np.uint8)
    )
    arguments = instances, (0.8, 1.7), 10.0, rng.uniform(0.5, 8)
    weights = weight_map(*arguments)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(
        weights, naive_weight_map.weight_map(*arguments), rtol=1e-5
    )


def test_without_border_term_only_the_classes_count():
    weights = weight_map(two_squares(3), (2.0, 0.5), 0, 5)
    np.testing.assert_array_equal(weights, np.where(two_squares(3), 0.5, 2.0))


def test_cells_that_touch_at_a_corner_are_two():
    labels = 255 * np.eye(2, dtype=np.uint8)
    assert instances_of(labels).max() == 2


def drawing(*rows):
    """Return instances from letters, '.' = background; and their binary labels."""
    letters = np.array([list(row) for row in rows])
    instances = np.where(letters == ".", 0, letters.view(np.int32)).astype(np.int32)
    return instances, np.where(instances > 0, 255, 0).astype(np.uint8)


def test_touching_instances_are_one_cell_in_binary_labels():
    instances, labels = drawing("aabb.c", "aabb.c")
    apart = border_weights(instances, 10, 2)
    joined = border_weights(instances_of(labels), 10, 2)
    np.testing.assert_allclose(apart[:, 4], 10 * np.exp(-(2**2) / 8), rtol=1e-5)
    np.testing.assert_array_equal(apart, joined)  # b and c are the two nearest
    alone, labels = drawing("aabb..", "aabb..")
    expected = 10 * np.exp(-((1 + 3) ** 2) / 8)
    assert border_weights(alone, 10, 2)[0, 4] == pytest.approx(expected, rel=1e-5)
    assert not border_weights(instances_of(labels), 10, 2).any()


@pytest.mark.parametrize("interior", [0.01, 0.22, 0.5, 0.78, 0.999])
def test_classes_weigh_the_same_and_one_on_average(interior):
    membrane_weight, interior_weight = class_weights(interior, balance=True)
    totals = (1 - interior) * membrane_weight, interior * interior_weight
    assert totals[0] == pytest.approx(totals[1])
    assert sum(totals) == pytest.approx(1)


def test_unbalanced_classes_weigh_one():
    assert class_weights(0.9, balance=False) == (1, 1)


@pytest.mark.parametrize(("interior", "shown"), [(0.0, "0 %"), (1.0, "100 %")])
def test_absent_class_is_refused(interior, shown):
    with pytest.raises(InputError, match=f"{shown} .*more than 0.*check the labels"):
        class_weights(interior, balance=True)


@pytest.fixture
def program(tmp_path):
    """Run weight_maps.py on an array; return what it writes."""

    def run(labels, *options, suffix=".tif"):
        source, output = tmp_path / f"labels{suffix}", tmp_path / f"weights{suffix}"
        if suffix == ".npy":
            np.save(source, labels)
        else:
            tifffile.imwrite(source, labels, photometric="minisblack")
        files = [f"--labels={source}", f"--output={output}"]
        weight_maps.main([*files, *options])
        return np.load(output) if suffix == ".npy" else tifffile.imread(output)

    return run


@pytest.mark.parametrize(
    ("suffix", "dtype"), [(".tif", np.float32), (".npy", np.float16)]
)
def test_program_weighs_every_slice(program, tmp_path, suffix, dtype):
    labels = np.stack([two_squares(3), two_squares(3)[::-1]]) > 0
    labels[1, :, 10:13] = True  # one cell: no border term in the second slice
    (tmp_path / "settings.json").write_text(
        json.dumps({"w0": 10, "sigma": 5, "class_balance": True})
    )
    weights = program(
        labels.astype(np.uint8) * 255,
        f"--weights={tmp_path / 'settings.json'}",
        suffix=suffix,
    )
    membrane, _ = classes = class_weights(labels.mean(), balance=True)
    expected = [
        naive_weight_map.weight_map(instances_of(255 * part), classes, 10, 5)
        for part in labels.astype(np.uint8)
    ]
    assert weights.dtype == dtype
    np.testing.assert_allclose(
        weights, expected, rtol=1e-5 if dtype == np.float32 else 1e-3
    )
    assert weights[0, 6, 11] == pytest.approx(membrane + 7.2615, rel=1e-3)


def test_program_takes_a_stack_of_instances(program):
    instances = np.stack([two_squares(0), two_squares(1)[:, :-1]]).astype(np.uint16)
    weights = program(instances, "--instances", "--w0=4", "--sigma=3")
    for found, part in zip(weights, instances, strict=True):
        expected = naive_weight_map.weight_map(part, (1, 1), 4, 3)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        (
            np.ones((1, 4, 4), np.float32),
            "dtype float32, expected whole numbers.*int32",
        ),
        (np.full((1, 4, 4), np.nan), "dtype float64, expected whole numbers"),
        (np.ones((1, 4, 4), bool), "dtype bool, expected whole numbers"),
        (np.ones((4, 4), np.int32), r"shape \(4, 4\).*\(slices, height, width\)"),
        (
            np.full((1, 4, 4), -1, np.int16),
            r"spans -1\.\.-1, expected ids 0\.\.2147483647",
        ),
        (np.full((1, 4, 4), 2**31), r"spans 2147483648\.\..*number the cells anew"),
        (np.full((1, 4, 4), 2**32, np.uint64), r"spans 4294967296\.\."),
    ],
)
def test_ids_that_are_none_are_refused(program, instances, message, tmp_path):
    suffixes = [".npy", ".tif"] if instances.dtype == np.int16 else [".npy"]
    for suffix in suffixes:
        with pytest.raises(InputError, match=message):
            program(instances, "--instances", suffix=suffix)
        assert not (tmp_path / f"weights{suffix}").exists()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.ones((2, 4, 4), np.uint8), "value 1, expected 255.*or say --instances"),
        (np.ones((2, 4, 4), bool), "dtype bool, expected uint8"),
        (np.zeros((4, 4), np.uint8), r"shape \(4, 4\).*\(samples, height, width\)"),
    ],
)
def test_samples_that_are_no_masks_are_refused(program, labels, message):
    with pytest.raises(InputError, match=message):
        program(labels, suffix=".npy")


def test_program_balances_by_the_statistics_if_given(program, tmp_path):
    labels = np.where(np.stack([two_squares(3)] * 2) > 0, 255, 0).astype(np.uint8)
    statistics = {"mean": 1, "std": 1, "interior": 0.9}
    (tmp_path / "statistics.json").write_text(json.dumps(statistics))
    options = ["--w0=0", "--class-balance"]
    own = program(labels, *options, suffix=".npy")
    assert own[0, 5, 5] == pytest.approx(0.5 / np.mean(labels > 0), rel=1e-3)
    options.append(f"--statistics={tmp_path / 'statistics.json'}")
    given = program(labels, *options, suffix=".npy")
    assert given[0, 5, 5] == pytest.approx(0.5 / 0.9, rel=1e-3)
    assert given[0, 0, 0] == pytest.approx(0.5 / 0.1, rel=1e-3)


@pytest.mark.real_data
@pytest.mark.parametrize("number", [0, 17])
def test_real_slice_agrees_with_the_reference(number):
    labels = read_labels(mirror() / "train-labels.tif")[number]
    instances = instances_of(labels)
    assert instances.shape == (512, 512)
    assert instances.max() > 80
    arguments = instances, (2.3, 0.64), 10, 5
    np.testing.assert_allclose(
        weight_map(*arguments), naive_weight_map.weight_map(*arguments), atol=1e-5
    )


MEASURE = """
import numpy as np
from unet2015.benchmarks.peak_memory import peak_of
from unet2015.samples.weight_map import instances_of, weight_map

def weigh(labels):
    weight_map(instances_of(labels), (2.3, 0.64), 10.0, 5.0)

y, x = np.mgrid[:512, :512]
labels = np.where((y % 50 > 2) & (x % 50 > 2), 255, 0).astype(np.uint8)
weigh(labels[:60, :60].copy())  # compiles
print(peak_of(lambda: weigh(labels)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.slow
def test_a_slice_takes_less_than_20_mib():
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    # Two candidates a pixel alone take 6 MiB: the count is not of something else.
    assert 6 * 2**20 < int(run.stdout) < 20 * 2**20


def test_unknown_pixels_weigh_nothing_and_are_no_cells():
    labels = np.where(two_squares(3), 255, 0).astype(np.uint8)
    labels[2:10, 13:17] = 127  # the left half of the second square
    weights = weigh_labels(labels, (2.0, 0.5), 10.0, 5.0)
    known = np.where(labels == 255, two_squares(3), 0)
    expected = weight_map(known, (2.0, 0.5), 10.0, 5.0)
    expected[labels == 127] = 0
    np.testing.assert_array_equal(weights, expected)


@pytest.mark.parametrize("name", ["labels.tif", "labels.npy"])
def test_program_balances_the_known_pixels(tmp_path, name):
    labels = np.uint8([[[255, 255, 255, 0], [127, 127, 127, 127]]])
    if name.endswith("npy"):
        np.save(tmp_path / name, labels)
    else:
        tifffile.imwrite(tmp_path / name, labels, photometric="minisblack")
    files = [f"--labels={tmp_path / name}", f"--output={tmp_path / 'weights.npy'}"]
    weight_maps.main([*files, "--class-balance", "--w0=0"])
    weights = np.load(tmp_path / "weights.npy")
    third = np.float16(0.5 / 0.75)
    np.testing.assert_array_equal(weights, [[[third] * 3 + [2], [0] * 4]])
