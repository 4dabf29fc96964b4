"""The interval of a mean over splits, seeds and slices: which clusters it takes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from unet2015.experiments.intervals import (
    BLOCK,
    clusters,
    interval_of_slices,
    t_interval,
)


def students(values):
    """Return mean and interval of Student's t."""
    found = stats.ttest_1samp(values, 0).confidence_interval()
    return pytest.approx((np.mean(values), found.low, found.high))


@pytest.fixture
def noise():
    return np.random.default_rng(0)


def test_equal_weights_give_students_t(noise):
    values = noise.normal(size=7)
    assert t_interval(values) == students(values)
    assert t_interval(values, np.full(7, 3.0)) == students(values)


def test_weights_are_those_of_a_ratio_estimate():
    # Totals 0, 4 of 2, 1 slices: 4/3, residuals -8/3 and 8/3, twice as one mean.
    mean, low, high = t_interval(np.array([0.0, 4.0]), np.array([2.0, 1.0]))
    error = np.sqrt(2 * (8 / 3) ** 2 / 2) / 3 * 2
    reach = error * stats.t.ppf(0.975, 1)
    assert (mean, low, high) == pytest.approx((4 / 3, 4 / 3 - reach, 4 / 3 + reach))


def test_a_single_cluster_has_no_interval():
    mean, low, high = t_interval(np.array([3.0]))
    assert mean == 3
    assert np.isnan([low, high]).all()


def by_run(values):
    """Return values, shape (splits, seeds), by split and seed."""
    table = pd.DataFrame(values).rename_axis(index="split", columns="seed")
    return table.stack()


def test_several_splits_are_the_clusters_whatever_is_in_them(noise):
    values = noise.normal(size=(5, 3))
    assert clusters(by_run(values)) == pytest.approx(values.mean(axis=1))


def test_the_seeds_of_one_split_are_the_clusters(noise):
    values = noise.normal(size=(1, 6))
    assert clusters(by_run(values)) == pytest.approx(values[0])


def test_the_blocks_of_one_training_are_the_clusters_of_its_slices(noise):
    part = noise.normal(size=(1, 4 * BLOCK))
    expected = students(part.reshape(4, BLOCK).mean(axis=1))
    assert interval_of_slices(part) == expected


def test_slices_are_averaged_over_trainings_first(noise):
    part = noise.normal(size=(4, 9))
    assert interval_of_slices(part) == interval_of_slices(part.mean(axis=0)[None])


@pytest.mark.parametrize("splits", [2, 5])
def test_interval_covers_the_truth_as_often_as_it_says(noise, splits):
    # Differences with an effect of the split and of the training; truth 0.
    covered = 0
    for _ in range(1000):
        values = noise.normal(size=(splits, 1)) + noise.normal(size=(splits, 2))
        _, low, high = t_interval(clusters(by_run(values)))
        covered += low <= 0 <= high
    assert covered == pytest.approx(950, abs=25)
