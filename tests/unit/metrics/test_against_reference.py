"""The fast metrics equal the slow, obvious ones on random stacks."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from unet2015.benchmarks import naive_metrics
from unet2015.metrics import components, simple_points, thinning
from unet2015.metrics.challenge import THRESHOLDS, evaluate

# Values on, just below and just above the thresholds, in single precision.
EDGES = np.float32([t + d for t in np.append(THRESHOLDS, 1) for d in (-1e-7, 0, 1e-7)])
VALUES = np.unique(np.clip(EDGES, 0, 1))


@st.composite
def stacks(draw, side=9):
    """Labels and proposal of up to three tiny slices."""
    shape = draw(st.tuples(*[st.integers(1, n) for n in (3, side, side)]))
    rows = arrays(np.bool_, shape, elements=st.integers(0, 3).map(bool))
    labels = draw(rows)
    values = st.sampled_from(draw(st.sampled_from([VALUES, VALUES[[0, -1]]])).tolist())
    proposal = draw(arrays(np.float32, shape, elements=values))
    return labels.astype(np.uint8) * 255, proposal


def assert_equal_to_reference(labels, proposal, metrics=tuple(naive_metrics.CURVES)):
    scores = evaluate(labels, proposal)
    for name in metrics:
        slow = naive_metrics.CURVES[name](labels, proposal)
        np.testing.assert_allclose(
            scores[name].curve, slow, rtol=0, atol=1e-12, err_msg=name
        )


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(stacks())
def test_tiny_random_stacks(pair):
    assert_equal_to_reference(*pair)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 21, 47), (1, 47, 21), (1, 19, 45)])
def test_blobs_wider_than_the_window_of_the_warping_error(shape):
    rng = np.random.default_rng(shape)
    noise = ndimage.gaussian_filter(rng.standard_normal((2, *shape)), (0, 0, 1.3, 1.3))
    labels = np.where(noise[0] > -0.05, 255, 0).astype(np.uint8)
    proposal = np.clip(0.5 + noise[0] + 1.5 * noise[1], 0, 1).astype(np.float32)
    assert_equal_to_reference(labels, proposal)


@pytest.mark.parametrize("seed", range(4))
def test_noise_of_tenths_with_ties_in_single_precision(seed):
    # |0.5 - 0.3| and |0.1 - 0.3| are equal in single precision, not in double:
    # the warping sorts by the former.
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random((1, 16, 17)) < 0.6, 255, 0).astype(np.uint8)
    proposal = (rng.integers(0, 11, labels.shape) / 10).astype(np.float32)
    assert_equal_to_reference(labels, proposal, ["warping_error"])


@pytest.mark.parametrize("density", [0.01, 0.05, 0.2, 0.5, 0.7])
@pytest.mark.parametrize("shape", [(24, 23), (1, 40), (40, 2)])
def test_components_and_watershed(shape, density):
    mask = np.random.default_rng(shape).random(shape) < density
    ids = components.label(mask)
    same_partition(ids, naive_metrics.segment(mask))
    same_partition(thinning.thin(ids), naive_metrics.watershed(mask))


def same_partition(a, b):
    """Assert that two id images differ by the names of the ids only."""
    pairs = set(zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))
    assert len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})
    assert all((x == 0) == (y == 0) for x, y in pairs)


def test_simple_points_in_all_512_patches():
    for bits in itertools.product((0, 1), repeat=9):
        patch = np.array(bits).reshape(3, 3)
        ring = [patch[1 + dy, 1 + dx] for dy, dx in simple_points.RING]
        code = sum(bit << i for i, bit in enumerate(ring))
        assert simple_points.SIMPLE[code] == naive_metrics.is_simple(patch), patch
