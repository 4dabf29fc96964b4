"""Verdicts on claims: closed forms, scipy, and each condition by itself."""

import itertools

import numpy as np
import pytest
from scipy import stats

from unet2015.experiments.verdicts import (
    CONTRADICTED,
    NONE,
    OPEN,
    SUPPORTED,
    decide,
    equivalence_test,
    holm,
    sign_flip_test,
    t_test,
)

SPREAD = np.array([-1.0, -0.6, -0.3, 0, 0, 0.3, 0.6, 1.0])
"""Eight deviations whose mean is 0."""


def verdict(losses, margin, comparisons=7):
    (found,) = decide(np.array([losses]), np.array([margin]), comparisons)
    return found


@pytest.mark.parametrize("n", [2, 5, 8, 11])
def test_sign_flips_are_those_of_scipy(n):
    differences = np.random.default_rng(n).normal(0.5, 1, n)
    slow = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip_test(differences) == pytest.approx(slow.pvalue, rel=1e-12)


@pytest.mark.parametrize("n", [5, 8, 20])
@pytest.mark.parametrize("unit", [1e-6, 0.1, 3.0])
def test_sign_flips_count_equal_sums_as_equal(n, unit):
    # 0.1 + 0.1 + ... depends on the order of the sums; the seen sum reaches itself.
    assert sign_flip_test(np.full(n, unit)) == 2 / 2**n
    differences = unit * np.arange(1, n + 1)
    assert sign_flip_test(differences) == 2 / 2**n
    mixed = unit * np.array([0.1, 0.2, -0.3] + [0.7] * (n - 3))
    sums = [
        abs(np.dot(signs, np.rint(mixed / unit * 10)))
        for signs in itertools.product((-1, 1), repeat=n)
        if n <= 8
    ]
    if sums:
        assert sign_flip_test(mixed) == np.mean(np.array(sums) >= sums[-1])


def test_no_difference_is_no_evidence():
    assert sign_flip_test(np.zeros(8)) == 1
    assert t_test(np.zeros(8)) == 1


def test_holm_raises_p_by_the_number_of_those_that_are_left():
    p = np.array([[0.02, 0.001, 0.5], [0.9, 0.8, 0.7]])
    expected = np.array([[0.12, 0.007, 1], [1, 1, 1]])
    assert holm(p, 7) == pytest.approx(expected)
    assert holm(p, 3)[0] == pytest.approx([0.04, 0.003, 0.5])


def test_equivalence_is_the_worse_of_two_one_sided_tests():
    losses = 0.2 + SPREAD
    sides = [
        stats.ttest_1samp(losses, -0.5, alternative="greater").pvalue,
        stats.ttest_1samp(losses, 0.5, alternative="less").pvalue,
    ]
    assert sides[0] < sides[1]
    assert equivalence_test(losses, 0.5) == pytest.approx(sides[1])


def test_an_effect_beyond_the_margin_decides_both_ways():
    assert verdict(2 + SPREAD, 1) == SUPPORTED
    assert verdict(-2 + SPREAD, 1) == CONTRADICTED


def test_an_effect_below_the_margin_is_not_supported_however_certain():
    assert verdict(2 + SPREAD, 2.01) == OPEN
    assert verdict(2 + 0.01 * SPREAD, 3) == NONE


def test_no_effect_needs_an_interval_within_the_margin():
    assert verdict(SPREAD, 1) == NONE
    assert verdict(SPREAD, 0.3) == OPEN


def test_equivalence_is_not_corrected_for_the_number_of_claims():
    p = equivalence_test(SPREAD, 0.55)
    assert 0.05 / 7 < p <= 0.05
    assert verdict(SPREAD, 0.55) == NONE


def test_the_t_test_is_corrected_for_the_number_of_claims():
    losses = 0.8 + SPREAD
    assert 0.05 / 7 < t_test(losses) < 0.05
    assert verdict(losses, 0.1, comparisons=1) == SUPPORTED
    assert verdict(losses, 0.1, comparisons=7) == OPEN
    # The six others are certain, so that this one is tested at 5 %.
    others = np.tile(5 + SPREAD, (6, 1))
    found = decide(np.vstack([losses, others]), np.full(7, 0.1), 7)
    assert set(found) == {SUPPORTED}


def test_the_sign_flip_test_can_refuse_what_t_calls_significant():
    # With five pairs its p is never below 2 / 32.
    losses = 2 + np.array([-0.1, -0.05, 0, 0.05, 0.1])
    assert t_test(losses) < 1e-4
    assert verdict(losses, 1) == OPEN


def test_below_five_pairs_there_is_no_verdict():
    assert verdict(np.array([2.0, 2.0, 2.0, 2.0]), 1) == OPEN
    assert verdict(np.array([0.1, -0.1, 0.1, -0.1]), 9) == OPEN


def test_many_experiments_are_decided_at_once():
    rng = np.random.default_rng(1)
    losses, margins = rng.normal(0.7, 1, (20, 7, 8)), np.linspace(0.1, 2, 7)
    alone = np.array([decide(each, margins, 7) for each in losses])
    assert len(np.unique(alone)) >= 3
    assert (decide(losses, margins, 7) == alone).all()
