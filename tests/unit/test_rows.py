"""Rows of runs: from their files, or known from before."""

import json

import pandas as pd
import pytest
from experiment_rows import RUNS, rows
from training_files import call

import table_rows
from unet2015.errors import InputError
from unet2015.experiments.rows import SCORES, gathered, read_rows, row

RECORD = {"steps": 4, "seconds": 2.5, "device": "a CPU", "precision": "float32"}
RECORD |= {"torch": "2.13.0", "commit": "0" * 40}


@pytest.fixture
def run(tmp_path):
    """A run of two networks, as the workflow describes it."""
    scores = {name: {"value": k / 10} for k, name in enumerate(SCORES)}
    (tmp_path / "scores.json").write_text(json.dumps({"thresholds": [0.5], **scores}))
    for k in range(2):
        record = RECORD | {"device": f"CPU {k}"}
        (tmp_path / f"run{k}.json").write_text(json.dumps(record))
    return {
        "dataset": "lab",
        "experiment": "two",
        "split": "fold0",
        "seed": 3,
        "settings": "b" * 12,
        "scores": str(tmp_path / "scores.json"),
        "records": [str(tmp_path / f"run{k}.json") for k in range(2)],
    }


def known(table):
    """Return how the workflow describes the runs of rows that are known."""
    return table[["dataset", "experiment", "split", "seed", "settings"]].to_dict(
        "records"
    )


def test_a_row_holds_the_best_scores_and_all_steps(run):
    found = row(run)
    assert [found[name] for name in SCORES] == [0, 0.1, 0.2, 0.3, 0.4]
    assert (found["steps"], found["seconds"], found["device"]) == (8, 5, "CPU 0")
    assert (found["experiment"], found["seed"]) == ("two", 3)
    assert found["settings"] == "b" * 12


def test_rows_come_in_the_order_of_the_runs_and_others_are_left_out(run):
    before = rows(runs=RUNS[:3])
    listed = known(before)
    table = gathered([listed[2], run, listed[0]], [before])
    assert table["experiment"].tolist() == ["unet", "two", "unet"]
    assert table["split"].tolist() == ["fold1", "fold0", "fold0"]


def test_of_two_known_rows_the_last_counts(run):
    listed = known(rows(runs=RUNS[:1]))
    tables = [rows(runs=RUNS[:1], shift=shift) for shift in (0.1, 0.0)]
    assert gathered(listed, tables)["pixel_error"].tolist() == pytest.approx([0.2])


def test_unknown_labels_give_no_row(run, tmp_path):
    (tmp_path / "scores.json").write_text("{}")
    assert gathered([run], []).empty


def test_rows_of_other_settings_and_lacking_rows_are_refused():
    listed = known(rows(runs=RUNS[:1], settings="c" * 12))
    with pytest.raises(InputError, match=r"unet on fold0, seed 0 .* settings aaaa"):
        gathered(listed, [rows()])
    with pytest.raises(InputError, match="unet on fold0, seed 0 has no scores and no"):
        gathered(listed, [])


def test_a_record_without_a_key_is_named(run, tmp_path):
    (tmp_path / "run1.json").write_text('{"steps": 1}')
    with pytest.raises(InputError, match=r"scores\.json .* lacks 'seconds'"):
        row(run)


def test_program_keeps_rows_as_they_are(run, tmp_path):
    first = rows(runs=RUNS[:2], shift=1 / 3)
    first.to_csv(tmp_path / "known.csv", index=False)
    (tmp_path / "runs.json").write_text(json.dumps([*known(first), run]))
    files = {"runs": tmp_path / "runs.json", "csv": tmp_path / "rows.csv"}
    call(table_rows, files, "--known", str(tmp_path / "known.csv"))
    found = read_rows(files["csv"])
    pd.testing.assert_frame_equal(found[:2], first)
    assert len(found) == 3
