"""The figure of errors: what counts as split and merge, choice, files."""

import json

import numpy as np
import pandas as pd
import pytest
from training_files import call

import figure_errors
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.figures import error_kinds, error_panels, slice_choice
from unet2015.metrics import warping_error
from unet2015.metrics.challenge import evaluate
from unet2015.metrics.score_files import as_csv

SIDE = 48


def four_cells():
    """Return labels of four cells between membranes of 4 pixels, bool."""
    labels = np.ones((SIDE, SIDE), dtype=bool)
    labels[22:26] = labels[:, 22:26] = False
    return labels


def splitting():
    """Return the cells with a false border through the upper left one."""
    proposal = four_cells().astype(np.float64)
    proposal[:22, 7:9] = 0
    return proposal


def merging():
    """Return the cells without the border between the two lower ones."""
    proposal = four_cells().astype(np.float64)
    proposal[26:, 22:26] = 1
    return proposal


def test_perfect_proposal_has_no_errors():
    cells = four_cells()
    faults = error_kinds.region_errors(cells, cells.astype(float), 0.5)
    assert (faults.splits, faults.merges) == (0, 0)
    assert not any(drawn.any() for drawn in faults[:6])
    left = error_kinds.residual_pixels(cells, cells.astype(float), 0.5)
    assert not any(drawn.any() for drawn in left)


def test_a_split_is_a_split():
    faults = error_kinds.region_errors(four_cells(), splitting(), 0.5)
    assert (faults.splits, faults.merges) == (1, 0)
    assert faults.split[:22, :22].all() and faults.split.sum() == 22 * 22
    # The larger piece, right of the border, is the cell; the smaller is split off.
    assert faults.split_off[:22, :7].all() and not faults.split_off[:, 9:].any()
    assert faults.false_borders[:22, 7:9].any(axis=1).all()
    assert not faults.false_borders[:, 10:].any()
    assert not (faults.merged | faults.merged_in | faults.missing_borders).any()


def test_a_merge_is_a_merge():
    faults = error_kinds.region_errors(four_cells(), merging(), 0.5)
    assert (faults.splits, faults.merges) == (0, 1)
    assert faults.merged[26:].all() and not faults.merged[:22].any()
    assert faults.merged_in[26:].sum() == pytest.approx(24 * 22, rel=0.1)
    assert faults.missing_borders[26:, 22:26].any(axis=1).all()
    assert not (faults.split | faults.split_off | faults.false_borders).any()


def test_two_merges_side_by_side_leave_the_border_between_them():
    proposal = four_cells().astype(float)
    proposal[:22] = proposal[26:] = 1
    faults = error_kinds.region_errors(four_cells(), proposal, 0.5)
    assert faults.merges == 2
    assert not faults.missing_borders[20:28, :20].any()


@pytest.mark.parametrize(
    ("height", "width", "counts"), [(5, 9, False), (5, 10, True), (48, 5, True)]
)
def test_small_overlaps_do_not_count(height, width, counts):
    cells = np.ones((SIDE, SIDE), np.int32)
    regions = np.ones((SIDE, SIDE), np.int32)
    regions[:height, :width] = 2  # a piece of the cell, wholly inside it
    table = error_kinds.overlaps(cells, regions)
    assert (table[1, 2] > 0) == counts
    assert not table[0].any() and not table[:, 0].any()


@pytest.mark.parametrize(("width", "counts"), [(11, False), (12, True)])
def test_an_overlap_is_a_quarter_of_the_smaller(width, counts):
    cells = np.ones((SIDE, 2 * SIDE), np.int32)
    cells[:, SIDE:] = 2
    regions = np.ones_like(cells)
    regions[:, SIDE + width :] = 2  # region 1 takes a strip of cell 2
    assert (error_kinds.overlaps(cells, regions)[2, 1] > 0) == counts


@pytest.mark.parametrize(("proposal", "kind"), [(splitting, 0), (merging, 1)])
def test_residual_pixels_are_those_of_the_warping_error(proposal, kind):
    left = error_kinds.residual_pixels(four_cells(), proposal(), 0.5)
    counts = [int(drawn.sum()) for drawn in left]
    splits, merges, mismatches = warping_error.counts(four_cells(), proposal(), 0.5)
    assert counts == [splits, merges, mismatches - splits - merges]
    assert counts[kind] > 0 and counts[1 - kind] == 0
    where = (slice(0, 22), slice(7, 9)) if kind == 0 else (slice(26, 48), slice(22, 26))
    assert left[kind][where].sum() == counts[kind]


def test_a_hole_is_left_over_but_ignored():
    proposal = four_cells().astype(float)
    proposal[8:12, 8:12] = 0
    left = error_kinds.residual_pixels(four_cells(), proposal, 0.5)
    assert left.ignored[8:12, 8:12].any()
    assert not (left.split | left.merge).any()


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_proposals_of_one_value_are_classified(constant):
    proposal = np.full((SIDE, SIDE), constant)
    faults = error_kinds.region_errors(four_cells(), proposal, 0.5)
    assert (faults.splits, faults.merges) == (0, 1)
    assert faults.merged.all()


def test_a_slice_without_cells_has_none_to_split():
    faults = error_kinds.region_errors(np.zeros((SIDE, SIDE), bool), merging(), 0.5)
    assert (faults.splits, faults.merges) == (0, 0)
    assert not faults.merged.any()


def table_of(values):
    """Return a score table whose metrics all have these values, by slice, at 0.5."""
    rows = [
        row
        for metric, poor in zip(slice_choice.SHOWN_METRICS, "011", strict=True)
        for number, value in values.items()
        for row in ((number, metric, "0.0", poor), (number, metric, "0.5", value))
    ]
    return pd.DataFrame(rows, columns=["slice", "metric", "threshold", "value"])


def test_best_and_worst_by_v_rand_at_the_best_threshold():
    table = table_of({"7": "0.8", "8": "0.9", "10": "0.3", "all": "0.7"})
    best = slice_choice.best_thresholds(table)
    assert best == dict.fromkeys(slice_choice.SHOWN_METRICS, "0.5")
    shown = slice_choice.best_and_worst(table, best)
    assert [(s.slice, s.rank) for s in shown] == [(8, "best of 3"), (10, "worst of 3")]
    assert shown[0].scores == dict.fromkeys(slice_choice.SHOWN_METRICS, 0.9)


def test_equal_slices_and_a_single_one():
    table = table_of({"9": "0.8", "10": "0.8", "all": "0.8"})
    best = slice_choice.best_thresholds(table)
    assert [s.slice for s in slice_choice.best_and_worst(table, best)] == [9, 10]
    single = table[table["slice"] != "10"]
    assert [s.slice for s in slice_choice.best_and_worst(single, best)] == [9]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"1": "0.5"}, "no numbers for v_rand"),
        ({"1": "0.5", "all": "x"}, "no numbers for v_rand"),
        ({"all": "0.5"}, "single slices"),
    ],
)
def test_tables_that_lack_scores(values, words):
    table = table_of(values)
    with pytest.raises(InputError, match=f"{words}.*by evaluate.py --scores"):
        slice_choice.best_and_worst(table, slice_choice.best_thresholds(table))


def write_truth(folder):
    """Write four slices of four cells, labels known and not, and a split."""
    rng = np.random.default_rng(0)
    labels = np.stack([four_cells()] * 4)
    volume = np.clip(labels * 150 + rng.normal(50, 15, labels.shape), 0, 255)
    write_stack(folder / "volume.tif", volume.astype(np.uint8))
    write_stack(folder / "labels.tif", labels.astype(np.uint8) * 255)
    write_stack(folder / "unknown.tif", np.full(labels.shape, 127, np.uint8))
    split = {"train": {"slices": [0]}, "score": {"slices": [1, 2, 3]}}
    (folder / "split.json").write_text(json.dumps(split))


@pytest.fixture
def data(tmp_path):
    """Write stacks, a split and scores of slices 1..3; return their folder."""
    write_truth(tmp_path)
    clean = four_cells().astype(float)
    probability = np.stack([clean, splitting(), merging()]).astype(np.float32)
    write_stack(tmp_path / "p.tif", probability)
    scores = evaluate(np.stack([four_cells()] * 3), probability, threads=1)
    (tmp_path / "scores.csv").write_text(as_csv(scores, [1, 2, 3]))
    (tmp_path / "empty.csv").write_text(as_csv(None, [1, 2, 3]))
    (tmp_path / "other.csv").write_text(as_csv(scores, [0, 1, 2]))
    return tmp_path


def run(data, *outputs, labels="labels.tif", scores="scores.csv"):
    """Call the program on the data."""
    inputs = {"volume": "volume.tif", "labels": labels, "probability": "p.tif"}
    inputs |= {"split": "split.json", "scores": scores}
    files = {name: data / file for name, file in inputs.items()}
    call(figure_errors, files, "--nm-per-pixel=4", "--output", *map(str, outputs))


def words_of(figure):
    """Return all text of a figure but its legends."""
    found = [t.get_text() for axes in figure.axes for t in axes.texts]
    found += [axes.get_title() for axes in figure.axes]
    return found + [t.get_text() for part in figure.subfigs for t in part.texts]


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures instead of writing them."""
    figures = []
    monkeypatch.setattr(figure_errors, "save", lambda f, _: figures.append(f))
    return figures


def test_rows_say_which_slices_and_how_good(data, drawn):
    run(data, "e.png")
    words = words_of(drawn[0])
    assert any(w.startswith("slice 1, best of 3:  V_Rand 1 (t = 0.0)") for w in words)
    assert any(w.startswith("slice 3, worst of 3:") for w in words)
    assert "0 × split, 0 × merged" in words
    assert "0 × split, 1 × merged" in words


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": "unknown.tif", "scores": "empty.csv"}, figure_errors.UNKNOWN),
        ({"labels": "unknown.tif"}, figure_errors.UNKNOWN),
        ({"scores": "empty.csv"}, figure_errors.UNSCORED),
    ],
)
def test_nothing_to_show_is_said_in_words(data, drawn, changed, words):
    run(data, "e.png", **changed)
    assert words_of(drawn[0]) == [words, ""]


def test_words_are_written_to_every_format(data):
    outputs = [data / "e.png", data / "e.pdf"]
    run(data, *outputs, labels="unknown.tif", scores="empty.csv")
    assert all(path.stat().st_size > 1000 for path in outputs)


def test_scores_of_other_slices_are_refused(data):
    with pytest.raises(InputError, match="scores slice 0, expected one of 1, 2, 3"):
        run(data, data / "e.png", scores="other.csv")
    assert not (data / "e.png").exists()


def test_paint_mixes_in_place():
    base = np.zeros((2, 1, 3))
    error_panels.paint(base, np.array([[True], [False]]), "w", 0.25)
    assert base[:, 0].tolist() == [[0.25] * 3, [0] * 3]
