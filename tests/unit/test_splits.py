import json

import numpy as np
import pytest
import tifffile

import split as program
from unet2015.data.splits import read_slices, split, thinned
from unet2015.errors import InputError


def test_test_split_trains_on_everything_and_scores_the_test_stack():
    assert split("test", 4, 3, 5) == {
        "train": {"stack": "train", "slices": [0, 1, 2, 3]},
        "score": {"stack": "test", "slices": [0, 1, 2]},
    }


@pytest.mark.parametrize(
    ("slices", "folds"), [(30, 5), (30, 2), (30, 30), (7, 3), (10, 4), (2, 2)]
)
def test_folds_are_contiguous_disjoint_and_cover_everything(slices, folds):
    scored = []
    for fold in range(folds):
        made = split(f"fold{fold}", slices, 1, folds)
        assert made["train"]["stack"] == made["score"]["stack"] == "train"
        held, kept = made["score"]["slices"], made["train"]["slices"]
        assert held == list(range(held[0], held[-1] + 1))
        assert sorted(held + kept) == list(range(slices))
        assert slices // folds <= len(held) <= slices // folds + 1
        scored += held
    assert scored == list(range(slices))


@pytest.mark.parametrize(
    ("name", "slices", "folds"),
    [
        ("fold5", 30, 5),
        ("fold-1", 30, 5),
        ("fold0", 4, 5),
        ("fold0", 30, 1),
        ("fold", 30, 5),
        ("3", 30, 5),
        ("validation", 30, 5),
    ],
)
def test_impossible_split_is_refused(name, slices, folds):
    with pytest.raises(
        InputError,
        match=rf"split {name} .*{folds} folds of {slices} slices.*"
        rf"choose test or fold0\.\.fold{folds - 1}.*2 to {slices} folds",
    ):
        split(name, slices, 10, folds)


def test_program_counts_the_slices(tmp_path):
    for name, slices in (("train", 6), ("test", 4)):
        stack = np.arange(slices * 4, dtype=np.uint8).reshape(slices, 2, 2)
        tifffile.imwrite(tmp_path / f"{name}.tif", stack, photometric="minisblack")
    files = [f"--{name}-volume={tmp_path / name}.tif" for name in ("train", "test")]
    output = tmp_path / "split.json"
    for name in ("test", "fold1"):
        options = [f"--name={name}", "--folds=3", f"--output={output}"]
        program.main([*files, *options])
        assert json.loads(output.read_text()) == split(name, 6, 4, 3)


@pytest.mark.parametrize(
    ("part", "slices"), [("train", [0, 1, 4, 5]), ("score", [2, 3])]
)
def test_slices_are_read(tmp_path, part, slices):
    (tmp_path / "split.json").write_text(json.dumps(split("fold1", 6, 4, 3)))
    assert read_slices(tmp_path / "split.json", part, 6) == slices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "split.json lacks .*score.*slices.*write it by split.py"),
        ('{"score": [0]}', "split.json lacks"),
        ('{"score": {"slices": []}}', "split.json lacks"),
        ('{"score": {"slices": "all"}}', "split.json lacks"),
        ('{"score": {"slices": [0, 3]}}', r"names slice 3, expected 0\.\.2.*use the"),
        ('{"score": {"slices": [-1]}}', r"names slice -1, expected 0\.\.2"),
        ('{"score": {"slices": [true]}}', r"names slice True, expected 0\.\.2"),
    ],
)
def test_slices_that_do_not_exist_are_refused(tmp_path, text, message):
    (tmp_path / "split.json").write_text(text)
    with pytest.raises(InputError, match=message):
        read_slices(tmp_path / "split.json", "score", 3)


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        (0, [6, 7, 8, 9, 12, 13]),
        (6, [6, 7, 8, 9, 12, 13]),
        (1, [9]),
        (2, [7, 12]),
        (3, [7, 9, 13]),
    ],
)
def test_fewer_slices_are_evenly_spaced(count, kept):
    assert thinned([6, 7, 8, 9, 12, 13], count) == kept


def test_more_slices_than_there_are():
    with pytest.raises(InputError, match=r"4 training slices .* at most 3.* or 0 for"):
        thinned([0, 1, 2], 4)
