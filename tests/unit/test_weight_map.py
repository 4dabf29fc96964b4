import json

import numpy as np
import pytest
import reference_weights
import tifffile
from real_data import mirror

import weight_maps
from unet2015.errors import InputError
from unet2015.stacks import read_labels
from unet2015.weight_map import (
    border_weights,
    class_weights,
    instances_of,
    weight_map,
)


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
        weights, reference_weights.weight_map(*arguments), rtol=1e-5
    )


def test_without_border_term_only_the_classes_count():
    weights = weight_map(two_squares(3), (2.0, 0.5), 0, 5)
    np.testing.assert_array_equal(weights, np.where(two_squares(3), 0.5, 2.0))


def test_cells_that_touch_at_a_corner_are_two():
    labels = 255 * np.eye(2, dtype=np.uint8)
    assert instances_of(labels).max() == 2


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
def program(tmp_path, monkeypatch):
    """Run weight_maps.py on an array; return what it writes."""

    def run(labels, *options, suffix=".tif"):
        source, output = tmp_path / f"labels{suffix}", tmp_path / f"weights{suffix}"
        if suffix == ".npy":
            np.save(source, labels)
        else:
            tifffile.imwrite(source, labels, photometric="minisblack")
        files = [f"--labels={source}", f"--output={output}"]
        monkeypatch.setattr("sys.argv", ["weight_maps.py", *files, *options])
        weight_maps.main()
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
        f"--settings={tmp_path / 'settings.json'}",
        suffix=suffix,
    )
    membrane, _ = classes = class_weights(labels.mean(), balance=True)
    expected = [
        reference_weights.weight_map(instances_of(255 * part), classes, 10, 5)
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
        expected = reference_weights.weight_map(part, (1, 1), 4, 3)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.real_data
def test_real_labels_agree_with_the_reference():
    labels = read_labels(mirror() / "train-labels.tif")[0, 100:300, 200:440]
    instances = instances_of(labels)
    assert instances.max() > 10
    arguments = instances, (2.3, 0.64), 10, 5
    np.testing.assert_allclose(
        weight_map(*arguments), reference_weights.weight_map(*arguments), rtol=1e-5
    )
