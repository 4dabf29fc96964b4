"""The interval of a mean over splits, seeds and slices: closed forms, plain loops."""

import numpy as np
import pytest

from unet2015.experiments import intervals
from unet2015.experiments.intervals import BLOCK, RESAMPLES, interval, resampled_means


def plain_means(parts, count, seed):
    """Resample by loops: splits, their seeds, blocks of slices."""
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(count):
        values = []
        for split in rng.integers(len(parts), size=len(parts)):
            part = parts[split]
            seeds, slices = part.shape
            length = max(1, min(BLOCK, slices // 2))
            images = []
            while len(images) < slices:
                first = rng.integers(slices)
                images += [(first + step) % slices for step in range(length)]
            for training in rng.integers(seeds, size=seeds):
                values.append([part[training, image] for image in images[:slices]])
        # Every slice weighs the same, so average seeds before slices.
        sizes = [len(v) for v in values]
        means.append(np.average([np.mean(v) for v in values], weights=sizes))
    return np.array(means)


def test_the_mean_weighs_every_slice_the_same():
    mean, *_ = interval([np.full((2, 3), 1.0), np.full((2, 1), 5.0)])
    assert mean == 2.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (3, 1), (3, 7)])
@pytest.mark.parametrize("splits", [1, 4])
def test_equal_differences_leave_no_doubt(shape, splits):
    parts = [np.full(shape, -0.25)] * splits
    assert interval(parts) == (-0.25, -0.25, -0.25)


@pytest.mark.parametrize(
    "parts",
    [
        [np.array([[0.0, 1.0]])],  # two slices: blocks of one
        [np.array([[0.0], [1.0]])],  # two seeds
        [np.array([[0.0]]), np.array([[1.0]])],  # two splits
    ],
)
def test_two_values_are_drawn_like_two_coins(parts):
    means = resampled_means(parts)
    values, counts = np.unique(means, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert counts / RESAMPLES == pytest.approx([0.25, 0.5, 0.25], abs=0.02)
    assert interval(parts) == (0.5, 0, 1)


def test_interval_holds_95_percent():
    levels = np.linspace(-1, 1, 60)
    mean, low, high = interval([np.full((1, 1), level) for level in levels])
    reach = 1.96 * levels.std() / np.sqrt(len(levels))
    assert (mean, low, high) == pytest.approx((0, -reach, reach), abs=0.03 * reach)


def test_slices_of_a_split_move_together():
    # 8 splits of 6 equal slices: as uncertain as 8 values, not as 48.
    levels = np.arange(8.0)
    parts = [np.full((1, 6), level) for level in levels]
    assert resampled_means(parts).std() == pytest.approx(
        levels.std() / np.sqrt(8), rel=0.03
    )


def test_slices_of_a_seed_move_together():
    levels = np.arange(8.0)[:, None]
    assert resampled_means([np.tile(levels, (1, 9))]).std() == pytest.approx(
        levels.std() / np.sqrt(8), rel=0.03
    )


def test_seeds_share_the_drawn_slices():
    # A slice is as hard for every seed: more seeds do not make it more certain.
    slices = np.array([0.0, 1.0])
    one = resampled_means([slices[None]]).std()
    assert resampled_means([np.tile(slices, (20, 1))]).std() == pytest.approx(
        one, rel=0.03
    )


def test_neighbouring_slices_move_together():
    # Deviation of a mean of n / BLOCK circular blocks, by every first slice.
    slices = np.repeat([0.0, 1.0, 4.0, 2.0], BLOCK)
    wrapped = np.concatenate([slices, slices])
    means = [wrapped[i : i + BLOCK].mean() for i in range(len(slices))]
    expected = np.std(means) / np.sqrt(len(slices) / BLOCK)
    found = resampled_means([slices[None]])
    assert found.std() == pytest.approx(expected, rel=0.03)
    assert found.std() > 1.3 * slices.std() / np.sqrt(len(slices))
    assert found.mean() == pytest.approx(slices.mean(), abs=0.02)


@pytest.mark.parametrize("shapes", [[(2, 6)] * 5, [(3, 7), (3, 4), (3, 5)], [(4, 10)]])
def test_equals_plain_loops(shapes):
    rng = np.random.default_rng(5)
    parts = [rng.normal(rng.normal(), 1, shape) for shape in shapes]
    fast, slow = resampled_means(parts), plain_means(parts, 4000, seed=1)
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.03)
    assert fast.std() == pytest.approx(slow.std(), rel=0.05)
    for percent in (2.5, 25, 75, 97.5):
        assert np.percentile(fast, percent) == pytest.approx(
            np.percentile(slow, percent), abs=0.15 * slow.std()
        )


def test_interval_covers_the_truth_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 1000)
    # Differences with an effect of the split and of the training; truth 0.
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(200):
        parts = [
            rng.normal() + rng.normal(size=(3, 1)) + rng.normal(size=(3, 6))
            for _ in range(10)
        ]
        _, low, high = interval(parts)
        covered += low <= 0 <= high
    assert covered >= 180


def test_seed_of_the_resampling_makes_it_repeat():
    parts = [np.random.default_rng(0).normal(size=(2, 6)) for _ in range(3)]
    assert interval(parts) == interval(parts)
    assert interval(parts) != interval(parts, seed=1)


def test_blocks_are_shorter_than_half_a_short_split(monkeypatch):
    # A block as long as the split would always hold every slice: no doubt at all.
    monkeypatch.setattr(intervals, "BLOCK", 30)
    assert resampled_means([np.array([[0.0, 1, 2, 3, 4, 9]])]).std() > 0
