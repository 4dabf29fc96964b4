"""Scores of slice borders, and of merges and splits alone."""

import json

import numpy as np
import pytest
import tifffile

import score_further
from unet2015.errors import InputError
from unet2015.metrics.challenge import evaluate
from unet2015.metrics.further import BORDER, further_scores
from unet2015.metrics.score_files import as_json

from .cases import EXPECTED, load

HALF = {"v_rand": 0.5, "v_info": 0.5}


def two_cells():
    """One slice of two cells, a membrane of 2 px between them."""
    labels = np.full((1, 100, 100), 255, np.uint8)
    labels[:, :, 49:51] = 0
    return labels


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_a_score_is_the_harmonic_mean_of_its_parts(case):
    # For single slices; the parts of several are averaged by themselves.
    labels, proposal = (stack[:1] for stack in load(case))
    scores = evaluate(labels, proposal)
    thresholds = {name: scores[name].threshold for name in HALF}
    parts = further_scores(labels, proposal, thresholds)
    for name in HALF:
        merges, splits = parts[f"{name}_merges"], parts[f"{name}_splits"]
        both = merges + splits
        mean = 2 * merges * splits / both if both else 0
        assert mean == pytest.approx(scores[name].value, abs=1e-12)


def test_a_merge_spoils_merges_and_a_split_splits():
    labels = two_cells()
    truth = labels / np.float32(255)
    merged, split = truth.copy(), truth.copy()
    merged[:] = 1
    split[:, 49:51, :] = 0
    found = further_scores(labels, merged, HALF)
    assert found["v_rand_merges"] == pytest.approx(0.5)
    assert found["v_rand_splits"] == 1
    # A single segment has no entropy, and V_Info is 0 by definition.
    assert found["v_info_merges"] == found["v_info_splits"] == 0
    found = further_scores(labels, split, HALF)
    for name in HALF:
        assert found[f"{name}_merges"] > 0.99
        assert 0.4 < found[f"{name}_splits"] < 0.7


def test_only_the_border_counts():
    labels = two_cells()
    proposal = labels / np.float32(255)
    inside = (slice(None), slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    proposal[inside] = 0
    assert further_scores(labels, proposal, HALF)["border_pixel_error"] == 0
    proposal[:, BORDER - 1, 50 + BORDER // 2] = 0
    assert further_scores(labels, proposal, HALF)["border_pixel_error"] > 0


def test_a_slice_that_is_all_border_has_the_challenges_pixel_error():
    rng = np.random.default_rng(0)
    labels = np.where(rng.random((3, 60, 64)) < 0.6, 255, 0).astype(np.uint8)
    proposal = np.clip(labels / 255 + rng.normal(0, 0.4, labels.shape), 0, 1)
    expected = evaluate(labels, proposal.astype(np.float32))["pixel_error"].value
    found = further_scores(labels, proposal.astype(np.float32), HALF)
    assert found["border_pixel_error"] == expected


def test_unknown_pixels_count_as_membrane_in_both():
    labels = two_cells()
    proposal = labels / np.float32(255)
    labels[:, :10, 49:51] = 127
    proposal[:, :10, 49:51] = 1
    assert further_scores(labels, proposal, HALF)["border_pixel_error"] == 0


@pytest.fixture
def files(tmp_path):
    """Write what the program reads; return its options."""

    def write(labels, scores):
        proposal = np.where(labels == 255, 1, 0).astype(np.float32)
        tifffile.imwrite(tmp_path / "labels.tif", labels)
        tifffile.imwrite(tmp_path / "probability.tif", proposal)
        split = {"score": {"stack": "test", "slices": [0]}}
        (tmp_path / "split.json").write_text(json.dumps(split))
        (tmp_path / "scores.json").write_text(scores)
        names = {"labels": "tif", "probability": "tif"} | {"split": "json"}
        names |= {"scores": "json", "output": "json"}
        return [f"--{n}={tmp_path / n}.{ending}" for n, ending in names.items()]

    return write


def test_the_program_adds_to_the_five_scores(files, tmp_path):
    labels = two_cells()
    scores = evaluate(labels, labels / np.float32(255))
    score_further.main(files(labels, as_json(scores)))
    found = json.loads((tmp_path / "output.json").read_text())
    assert found["v_rand"] == scores["v_rand"].value
    assert found["border_pixel_error"] == 0
    assert len(found) == 10


def test_unknown_labels_have_no_scores(files, tmp_path):
    labels = np.full((1, 100, 100), 127, np.uint8)
    score_further.main(files(labels, as_json(None)))
    assert json.loads((tmp_path / "output.json").read_text()) == {}


def test_scores_without_a_threshold_are_refused(files):
    with pytest.raises(InputError, match=r"lacks .*; evaluate the prediction again"):
        score_further.main(files(two_cells(), "{}"))
