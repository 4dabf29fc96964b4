import csv

import numpy as np
import pytest
from scipy import ndimage

import benchmark_metrics as program
from unet2015.benchmarks import naive_metrics
from unet2015.data.tiff import write_stack


@pytest.fixture
def stacks(tmp_path):
    """Four cells in two slices, and a blurred proposal of them."""
    labels = np.full((2, 24, 24), 255, np.uint8)
    labels[:, 11:13] = labels[:, :, 11:13] = 0
    blurred = ndimage.gaussian_filter(labels / 255, (0, 1, 1)).astype(np.float32)
    write_stack(tmp_path / "labels.tif", labels)
    write_stack(tmp_path / "proposal.tif", np.clip(blurred, 0, 1))
    return tmp_path


def test_every_implementation_is_timed_per_slice(stacks):
    arguments = {
        "--labels": stacks / "labels.tif",
        "--probability": stacks / "proposal.tif",
        "--repeats": 2,
        "--corner": 12,
        "--csv": stacks / "times.csv",
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    program.main(words)
    with (stacks / "times.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["role"] for row in rows] == ["ours", "ours", "peer", "peer", "floor"]
    assert [row["runs"] for row in rows] == ["2", "2", "2", "1", "2"]
    assert float(rows[0]["ratio"]) == 1
    assert "12 x 12 px" in rows[3]["implementation"]


def test_a_corner_counts_as_its_part_of_a_slice():
    labels = np.full((2, 24, 24), 255, np.uint8)
    corner = np.s_[:1, :12, :6]
    contender = program.plain_python_contender(labels, labels / 255, corner)
    assert contender.units == 12 * 6 / 24**2
    assert not contender.warm_up
    assert program.contingency_contender(labels, labels / 255).units == 2


def test_peers_score_no_pixel_of_unknown_truth():
    rng = np.random.default_rng(0)
    labels = rng.choice(np.uint8([0, 127, 255]), (1, 16, 16))
    proposal = rng.random((1, 16, 16), np.float32)
    truth, proposed, _ = program.interior_pair(labels, proposal)
    found = program.evaluate(labels, proposal)
    for name in ("pixel_error", "rand_error", "v_rand", "v_info"):
        expected = naive_metrics.CURVES[name](truth, proposed)
        np.testing.assert_allclose(found[name].curve, expected, atol=1e-9)


def test_one_thread_is_timed_once():
    nothing = np.zeros((1, 2, 2))
    assert [c.name for c in program.ours(nothing, nothing, 1)] == [
        "unet2015 (threads: 1)"
    ]
