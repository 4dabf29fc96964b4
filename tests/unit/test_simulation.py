"""The rule of the verdicts on generated trainings, and how many of them it needs."""

import numpy as np
import pytest

from unet2015.experiments.sample_size import CHOICES, needed, planned, power
from unet2015.experiments.simulation import RUNS, least_margin, simulated
from unet2015.experiments.verdicts import NONE, SUPPORTED, decide

pytestmark = pytest.mark.slow

NOISE = 4 * np.sqrt(0.05 * 0.95 / RUNS)
"""Four standard errors of a rate of 5 %."""


@pytest.fixture(scope="module", params=CHOICES)
def rates(request):
    return simulated(request.param).set_index("noise")


def test_intervals_hold_the_truth_in_95_percent(rates):
    assert rates["coverage"].between(0.95 - NOISE, 0.98).all()


def test_one_of_seven_claims_without_effect_is_decided_in_at_most_5_percent(rates):
    assert (rates["familywise_error"] <= 0.05 + NOISE).all()
    assert rates.loc["normal", "familywise_error"] > 0.05 - NOISE


def test_an_effect_as_large_as_the_margin_is_called_none_in_at_most_5_percent(rates):
    assert (rates["false_none"] <= 0.05 + NOISE).all()


def test_the_planned_number_has_the_power_that_it_is_planned_for(rates):
    usual = rates.drop("one training in ten 5 SD low")
    assert (usual["power"] >= 0.8).all()
    assert (usual["none"] >= 0.78).all()


@pytest.mark.parametrize("effect", [0.0, 0.5, 1.5, 2.0])
def test_power_is_that_of_the_rule_itself(effect):
    rng = np.random.default_rng(3)
    losses = effect + 0.9 * rng.standard_normal((4000, 1, 12))
    found = decide(losses, np.ones(1), 7)
    right = NONE if effect < 1 else SUPPORTED
    (expected,) = power(effect, 0.9, 1.0, np.array([12]), 7)
    assert (found == right).mean() == pytest.approx(expected, abs=0.03)


def test_the_needed_number_is_the_first_with_enough_power():
    n = needed(-1.0, 2.0, 0.5, 7)
    before, at = power(1.0, 2.0, 0.5, np.array([n - 1, n]), 7)
    assert before < 0.8 <= at
    assert needed(0.1, 2.0, 0.5, 7) > needed(0.0, 2.0, 0.5, 7) > n
    assert needed(0.5, 2.0, 0.5, 7) is None  # as large as the margin: never decided
    assert needed(0.1, 0.0, 0.5, 7) == 5


def test_the_noisiest_endpoint_fixes_the_number_of_all():
    for seeds in CHOICES:
        margin = least_margin(seeds)
        assert planned([1.0] * 7, [margin] * 7, 7) == seeds
        assert planned([1.0] + [0.0] * 6, [margin] * 7, 7) == seeds
    assert planned([100.0] * 7, [0.1] * 7, 7) == CHOICES[-1]
