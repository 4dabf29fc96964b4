"""Agreement to 1e-9 with the challenge's own program, curves included."""

import json

import numpy as np
import pytest

from unet2015.metrics import components, contingency, rand, warping_error
from unet2015.metrics.challenge import METRICS, THRESHOLDS, evaluate
from unet2015.metrics.f_score import precision

from .cases import EXPECTED, REAL, differences, load, real_folder

EXACT = {"rtol": 0, "atol": 1e-9}


def test_the_embedded_cases_are_all_there():
    assert len(EXPECTED) == 10


def check(labels, proposal, expected):
    scores = evaluate(labels, proposal)
    off = differences(scores, expected)
    assert max(off.values()) <= 1e-9, off
    for name in METRICS:
        best = expected[f"{name.removesuffix('_error')}_best_threshold"]
        assert scores[name].threshold == best, name
    np.testing.assert_array_equal(THRESHOLDS, expected["thresholds"])
    check_warping_pixels(labels, proposal, expected)
    check_precision_and_recall(labels, proposal, expected)


def check_warping_pixels(labels, proposal, expected):
    per_slice = [
        [warping_error.counts(label > 0, p.astype(float), t) for t in THRESHOLDS[:10]]
        for label, p in zip(labels, proposal, strict=True)
    ]
    splits, merges, mismatches = np.sum(per_slice, axis=0).T
    np.testing.assert_array_equal(splits, expected["warping_split_pixels"])
    np.testing.assert_array_equal(merges, expected["warping_merge_pixels"])
    classic = mismatches / labels.size
    np.testing.assert_allclose(classic, expected["warping_classic_curve"], **EXACT)
    assert min(classic) == pytest.approx(expected["warping_error_classic"], abs=1e-9)


def check_precision_and_recall(labels, proposal, expected):
    for k, t in enumerate(THRESHOLDS):
        tp = fp = fn = 0
        for label, p in zip(labels, proposal.astype(float), strict=True):
            truth = contingency.segments(components.label(label > 0))
            table = contingency.tabulate(truth, components.label(p > t))
            found = rand.counts(table)
            tp, fp, fn = tp + found[0], fp + found[1], fn + found[2]
        p, r = precision(tp, fp), precision(tp, fn)
        np.testing.assert_allclose(p, expected["rand_precision_curve"][k], **EXACT)
        np.testing.assert_allclose(r, expected["rand_recall_curve"][k], **EXACT)


@pytest.mark.parametrize("name", EXPECTED)
def test_synthetic_case(name):
    check(*load(name), EXPECTED[name])


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_case_cut_from_the_isbi_labels(name):
    folder = real_folder()
    expected = json.loads((folder / "expected.json").read_text())
    check(*load(name, folder / "cases"), expected[name])


@pytest.mark.real_data
def test_every_case_of_the_mirror_is_tested():
    folder = real_folder()
    expected = json.loads((folder / "expected.json").read_text())
    assert set(expected) == {*EXPECTED, *REAL}
