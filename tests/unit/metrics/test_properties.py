"""Closed forms and symmetries that the definitions imply."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unet2015.errors import InputError
from unet2015.metrics import contingency, rand, thinning
from unet2015.metrics.challenge import METRICS, THRESHOLDS, evaluate, sweep
from unet2015.metrics.f_score import f_score
from unet2015.metrics.score_files import as_csv
from unet2015.metrics.v_info import v_info

from .cases import load
from .test_against_reference import stacks


def two_cells(border=1, height=24, width=25):
    """Two cells side by side, with a vertical membrane of odd width between."""
    labels = np.full((1, height, width), 255, np.uint8)
    middle, half = width // 2, border // 2
    labels[:, :, middle - half : middle + half + 1] = 0
    return labels


def probability(labels):
    return (labels > 0).astype(np.float32)


def values(labels, proposal):
    return {name: s.value for name, s in evaluate(labels, proposal).items()}


def test_thresholds_are_repeated_sums():
    assert len(sweep(1.0)) == 11 and len(sweep(0.9)) == 10
    assert sweep(1.0)[3] == 0.1 + 0.1 + 0.1 != 0.3
    assert sweep(1.0)[-1] < 1


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ((0, 0, 0), 1),
        ((0, 1, 1), 0),
        ((0, 0, 5), 0),
        ((1, 1, 1), 0.5),
        ((3, 0, 1), 6 / 7),
    ],
)
def test_f_score(counts, score):
    assert f_score(*counts) == pytest.approx(score)


def test_perfect_proposal():
    labels = two_cells()
    found = values(labels, probability(labels))
    assert found == pytest.approx(
        dict.fromkeys(METRICS, 0) | {"v_rand": 1, "v_info": 1}
    )


def test_one_merge():
    labels = two_cells(height=24, width=25)  # two cells of 24 x 12 = 288 pixels
    proposal = np.ones(labels.shape, np.float32)
    found = values(labels, proposal)
    # Precision 2 n^2 / (2 n)^2 = 1/2, recall 1.
    assert found["rand_error"] == pytest.approx(1 - 2 / 3)
    assert found["v_rand"] == pytest.approx(2 / 3)
    assert found["v_info"] == 0  # a single segment has no entropy
    assert found["pixel_error"] == pytest.approx(1 - f_score(576, 24, 0))
    # No pixel of the membrane is simple: each has a cell on either side.
    assert found["warping_error"] == pytest.approx(24 / 600)


def test_one_split():
    labels = np.full((1, 24, 25), 255, np.uint8)
    proposal = probability(two_cells())
    found = values(labels, proposal)
    # 24 pixels of the line are segments of their own: S_AB = 2 * 288^2 + 24.
    shared, all_pairs = 2 * 288**2 + 24, 600**2
    assert found["rand_error"] == pytest.approx(
        1 - f_score(shared, 0, all_pairs - shared)
    )
    # The watershed keeps the line, since it separates two basins.
    assert found["v_rand"] == pytest.approx(1 - found["rand_error"])
    assert found["v_info"] == 0


@pytest.mark.parametrize(("border", "shift"), [(1, 1), (3, 2), (5, 5)])
def test_a_shifted_border_costs_no_warping_error(border, shift):
    labels = two_cells(border)
    found = values(labels, probability(np.roll(labels, shift, axis=2)))
    assert found["warping_error"] == 0
    assert found["rand_error"] > 0 and found["pixel_error"] > 0


def test_a_border_shifted_clear_of_itself_does():
    labels = two_cells()
    found = values(labels, probability(np.roll(labels, 2, axis=2)))
    # Only mismatches flip. Those of the new line do, from its ends, up to the
    # last one, which would split the cell; those of the old line never do.
    assert found["warping_error"] == pytest.approx((1 + 24) / 600)


def ring(height, width):
    """A closed line, one pixel wide, as high and wide as the image."""
    labels = np.full((1, height, width), 255, np.uint8)
    labels[:, 1:-1, 1:-1] = 0
    return labels


@pytest.mark.parametrize(
    ("shape", "cut", "split_pixels"),
    [
        ((21, 20), (0, 10), 0),  # the ring is closed 20 rows below the cut
        ((22, 20), (0, 10), 1),  # the window shows two arms
        ((22, 20), (21, 10), 1),
        ((20, 21), (10, 0), 0),
        ((20, 22), (10, 0), 1),
        ((60, 19), (0, 9), 0),  # a side is under 20: the whole image counts
    ],
)
def test_a_cut_is_a_split_if_the_window_shows_two_arms(shape, cut, split_pixels):
    labels = ring(*shape)
    proposal = probability(labels)
    proposal[0][cut] = 0
    found = values(labels, proposal)["warping_error"]
    assert found * labels.size == pytest.approx(split_pixels)


def test_a_cut_through_an_image_of_one_row_is_ignored():
    # All neighbours inside the image have one id.
    labels = np.full((1, 1, 9), 255, np.uint8)
    proposal = probability(labels)
    proposal[0, 0, 4] = 0
    assert values(labels, proposal)["warping_error"] == 0


def test_thick_borders_cost_nothing_after_thinning():
    found = values(two_cells(border=1), probability(two_cells(border=5)))
    assert found["v_rand"] == found["v_info"] == pytest.approx(1)
    # Of 288 pixels of a cell, 240 are found, and 2 * 48 stand alone.
    shared, all_pairs = 2 * 240**2 + 2 * 48, 2 * 288**2
    assert found["rand_error"] == pytest.approx(
        1 - f_score(shared, 0, all_pairs - shared)
    )


def test_watershed_keeps_lines_that_separate_and_no_others():
    basins = np.ones((5, 9), np.int32)
    basins[:, 3:6], basins[:, 6:] = 0, 2
    thin = thinning.thin(basins)
    assert (np.count_nonzero(thin == 0, axis=1) == 1).all()
    dangling = np.ones((5, 9), np.int32)
    dangling[2, :5] = 0
    np.testing.assert_array_equal(thinning.thin(dangling), 1)
    np.testing.assert_array_equal(thinning.thin(np.zeros((3, 4), np.int32)), 1)


def test_all_membrane_has_no_warping_error():
    labels, proposal = load("h12_all_membrane")
    assert not proposal.any()
    assert values(labels, proposal)["warping_error"] == 0


def test_a_slice_without_foreground_spoils_the_rand_error():
    labels = np.concatenate([two_cells(), np.zeros((1, 24, 25), np.uint8)])
    scores = evaluate(labels, probability(labels))
    assert scores["rand_error"].value == 1
    assert scores["v_rand"].value == scores["v_info"].value == pytest.approx(0.5)
    np.testing.assert_array_equal(scores["rand_error"].slices[:, 0], [0, 1])


def test_slices_are_scored_by_the_same_definition():
    labels, proposal = load("r06_binary_noise_stack")
    together = evaluate(labels, proposal, threads=2)
    for k in range(len(labels)):
        alone = evaluate(labels[k : k + 1], proposal[k : k + 1], threads=1)
        for name in METRICS:
            np.testing.assert_array_equal(together[name].slices[k], alone[name].curve)


def test_zero_and_one_labels_and_any_number_of_threads_give_the_same():
    labels, proposal = load("r02_blobs_50x37")
    stack = np.repeat(labels, 5, axis=0), np.repeat(proposal, 5, axis=0)
    first = evaluate(*stack, threads=1)
    second = evaluate(stack[0] // 255, stack[1].astype(np.float64), threads=4)
    for name in METRICS:
        np.testing.assert_array_equal(first[name].curve, second[name].curve)
        assert len(first[name].curve) == (10 if name == "warping_error" else 11)
        assert first[name].threshold in THRESHOLDS


@settings(max_examples=30, deadline=None)
@given(stacks(side=14), st.integers(0, 2**32 - 1))
def test_names_of_segments_do_not_matter(pair, seed):
    rng = np.random.default_rng(seed)
    truth, proposal = rng.integers(0, 6, (2, *pair[0][0].shape)).astype(np.int32)
    renamed = [
        np.append(0, 1 + rng.permutation(5))[ids].astype(np.int32)
        for ids in (truth, proposal)
    ]
    before = contingency.tabulate(contingency.segments(truth), proposal)
    after = contingency.tabulate(contingency.segments(renamed[0]), renamed[1])
    assert rand.counts(before) == rand.counts(after)
    assert rand.v_rand(before) == rand.v_rand(after)
    assert v_info(before) == pytest.approx(v_info(after), abs=1e-12)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(stacks(side=14))
def test_pixel_and_rand_error_do_not_depend_on_the_orientation(pair):
    # The others do: watershed and warping visit columns before rows.
    upright = evaluate(*pair)
    turned = evaluate(*(stack.transpose(0, 2, 1) for stack in pair))
    for name in ("pixel_error", "rand_error"):
        np.testing.assert_array_equal(upright[name].curve, turned[name].curve)


def with_unknown_half(labels, rng):
    """Fill the right half with 127, and the proposal there with anything."""
    middle = labels.shape[2] // 2
    labels = labels.copy()
    labels[:, :, middle:] = 127
    return labels, rng.random(labels.shape, dtype=np.float32), middle


@pytest.mark.parametrize("name", ["r02_blobs_50x37", "r06_binary_noise_stack"])
def test_a_proposal_is_not_judged_where_the_truth_is_unknown(name):
    labels, proposal = load(name)
    labels, other, middle = with_unknown_half(labels, np.random.default_rng(0))
    other[:, :, :middle] = proposal[:, :, :middle]
    first, second = evaluate(labels, proposal), evaluate(labels, other)
    known = evaluate(labels[:, :, :middle], proposal[:, :, :middle])
    for metric in METRICS:
        np.testing.assert_array_equal(first[metric].curve, second[metric].curve)
    for metric in ("pixel_error", "rand_error"):
        np.testing.assert_array_equal(first[metric].curve, known[metric].curve)


def test_warping_error_is_a_part_of_the_known_pixels():
    labels = two_cells()
    merged = np.ones(labels.shape, np.float32)
    labels[:, :6] = 127
    # 18 of 24 rows of the line are known, of 18 * 25 pixels.
    assert values(labels, merged)["warping_error"] == pytest.approx(18 / (18 * 25))


def test_perfect_where_known_is_perfect():
    labels = two_cells()
    proposal = probability(labels)
    labels[:, 8:12, 3:20] = 127
    expected = dict.fromkeys(METRICS, 0) | {"v_rand": 1, "v_info": 1}
    assert values(labels, proposal) == pytest.approx(expected)


def test_slices_that_nobody_labelled_are_left_out():
    labels, proposal = load("r06_binary_noise_stack")
    alone = evaluate(labels, proposal)
    blank = np.full_like(labels[:1], 127)
    more = np.concatenate([blank, labels, blank])
    scores = evaluate(more, np.concatenate([proposal[:1], proposal, proposal[:1]]))
    for name in METRICS:
        np.testing.assert_array_equal(scores[name].curve, alone[name].curve)
        np.testing.assert_array_equal(scores[name].slices[1:-1], alone[name].slices)
        assert np.isnan(scores[name].slices[[0, -1]]).all()
    table = as_csv(scores, list(range(len(more))))
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == {
        *map(str, range(1, len(more) - 1)),
        "all",
    }
    with pytest.raises(InputError, match="labels is 127 throughout"):
        evaluate(blank, proposal[:1])
