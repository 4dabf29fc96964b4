"""Score tables: hand-computed best scores, means, bold type and notes."""

import json

import pandas as pd
import pytest
from training_files import call

import table1
import table_scores
from unet2015.errors import InputError
from unet2015.experiments.paper_results import PAPER_ROWS, TABLE_METRICS
from unet2015.report.table1 import (
    Method,
    note,
    scores_of,
    table_rows,
    to_csv,
    to_latex,
    to_markdown,
)

HEADER = "slice,metric,threshold,value\n"
CURVES = {
    # threshold 0.0, threshold 0.5: the best differs in place from metric to metric
    "pixel_error": (0.30, 0.06),
    "rand_error": (0.04, 0.50),
    "warping_error": (0.002, 0.0004),
    "v_rand": (0.90, 0.96),
    "v_info": (0.98, 0.70),
}


def curves(shift=0.0, without=()):
    """Return the CSV of one run; `shift` moves every value."""
    rows = [
        f"{slice_},{metric},{threshold},{value + shift}\n"
        for metric, values in CURVES.items()
        if metric not in without
        for threshold, value in zip((0.0, 0.5), values, strict=True)
        # A single slice may be better or worse than the whole stack.
        for slice_, value in (
            (0, value / 2 if "error" in metric else 1),
            ("all", value),
        )
    ]
    return HEADER + "".join(rows)


def identity(seed=0, dataset="isbi2012", experiment="unet", split="test"):
    return dict(dataset=dataset, split=split, experiment=experiment, seed=seed)


@pytest.fixture
def make_scores(tmp_path):
    """Return a function that writes and reads the tidy table of some runs."""

    def make(runs):
        paths = []
        for number, (_, text) in enumerate(runs):
            paths.append(tmp_path / f"run{number}.csv")
            paths[-1].write_text(text)
        listed = [
            {**described, "scores": str(path)}
            for (described, _), path in zip(runs, paths, strict=True)
        ]
        (tmp_path / "runs.json").write_text(json.dumps(listed))
        files = {"runs": tmp_path / "runs.json", "output": tmp_path / "scores.csv"}
        call(table_scores, files)
        return files["output"]

    return make


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_tidy_table_names_the_run_and_keeps_numbers_as_written(make_scores):
    text = HEADER + "all,pixel_error,0.30000000000000004,0.10\nall,v_rand,0.0,1.0\n"
    lines = make_scores([(identity(7), text)]).read_text().splitlines()
    assert lines == [
        "dataset,split,experiment,seed,slice,metric,threshold,value",
        "isbi2012,test,unet,7,all,pixel_error,0.30000000000000004,0.10",
        "isbi2012,test,unet,7,all,v_rand,0.0,1.0",
    ]


def test_tidy_table_of_unknown_labels_is_a_header(make_scores):
    lines = make_scores([(identity(), HEADER)]).read_text().splitlines()
    assert lines == ["dataset,split,experiment,seed,slice,metric,threshold,value"]


def test_best_takes_minimum_of_errors_and_maximum_of_scores(make_scores):
    best = scores_of(read(make_scores([(identity(), curves())])), "isbi2012", "unet")
    assert best.to_dict("records") == [
        {
            "warping_error": 0.0004,
            "rand_error": 0.04,
            "pixel_error": 0.06,
            "v_rand": 0.96,
            "v_info": 0.98,
        }
    ]


def test_mean_and_spread_over_seeds_and_nothing_else(make_scores):
    runs = [
        (identity(0), curves()),
        (identity(1), curves(0.02)),
        (identity(2), curves(0.01)),
        (identity(0, experiment="other"), curves(-1)),
        (identity(0, dataset="lab"), curves(-1)),
        (identity(0, split="fold0"), curves(-1)),
    ]
    best = scores_of(read(make_scores(runs)), "isbi2012", "unet")
    assert list(best.index) == ["0", "1", "2"]
    ours = table_rows({"ours": best}, "isbi2012")[-1]
    assert ours.scores["pixel_error"] == pytest.approx(0.07)
    assert ours.scores["v_info"] == pytest.approx(0.99)
    # Sample standard deviation of x, x + 0.02, x + 0.01.
    assert ours.spread == pytest.approx({metric.name: 0.01 for metric in TABLE_METRICS})


def test_missing_metric_is_named_with_its_seed(make_scores):
    runs = [(identity(0), curves()), (identity(3), curves(without=["v_info"]))]
    with pytest.raises(InputError, match="seed 3 of unet on isbi2012 has no v_info"):
        scores_of(read(make_scores(runs)), "isbi2012", "unet")


def test_metric_missing_from_every_seed(make_scores):
    runs = [(identity(0), curves(without=["v_rand"]))]
    with pytest.raises(InputError, match="has no v_rand"):
        scores_of(read(make_scores(runs)), "isbi2012", "unet")


def test_unknown_experiment_names_those_that_exist(make_scores):
    scores = read(make_scores([(identity(), curves())]))
    with pytest.raises(InputError, match=r"'nnet' has no test scores.* of unet"):
        scores_of(scores, "isbi2012", "nnet")


def test_the_papers_rows_are_those_of_table_1(make_scores):
    best = scores_of(read(make_scores([(identity(), curves())])), "isbi2012", "unet")
    assert to_csv(table_rows({"ours": best}, "isbi2012")).splitlines() == [
        "method,warping_error,rand_error,pixel_error,v_rand,v_info",
        "human values,0.000005,0.0021,0.001,,",
        "u-net,0.000353,0.0382,0.0611,0.97276,0.98662",
        "DIVE-SCI,0.000355,0.0305,0.0584,,",
        "IDSIA,0.00042,0.0504,0.0613,,",
        "DIVE,0.00043,0.0545,0.0582,,",
        "IDSIA-SCI,0.000653,0.0189,0.1027,,",
        "ours,0.0004,0.04,0.06,0.96,0.98",
    ]


def test_another_dataset_stands_alone_without_bold(make_scores):
    scores = read(make_scores([(identity(dataset="lab"), curves())]))
    rows = table_rows({"ours": scores_of(scores, "lab", "unet")}, "lab")
    assert [row.name for row in rows] == ["ours"]
    markdown = to_markdown(rows, note(1, "lab"))
    assert "**" not in markdown
    assert "those on lab cannot be compared" in markdown


def test_bold_is_the_best_automatic_score_ties_as_shown():
    human = Method("human values", PAPER_ROWS["human values"], {})
    one = Method("one", {"pixel_error": 0.06004, "v_rand": 0.9}, {"pixel_error": 0.001})
    two = Method("two", {"pixel_error": 0.0600, "v_rand": 0.8}, {})
    lines = to_markdown([human, one, two], "note").splitlines()
    assert lines[2] == "| human values | 0.000005 | 0.0021 | 0.0010 | – | – |"
    assert lines[3] == "| one | – | – | **0.0600** ± 0.0010 | **0.90000** | – |"
    assert lines[4] == "| two | – | – | **0.0600** | 0.80000 | – |"
    assert lines[-1] == "note"


def test_latex_escapes_and_sets_the_spread():
    rows = [
        Method("a_b & 5 %", {"rand_error": 0.1}, {"rand_error": 0.02}),
        Method("c", {"rand_error": 0.2}, {}),
    ]
    latex = to_latex(rows, "see x_y ± 1")
    assert r"a\_b \& 5 \% & -- & \textbf{0.1000} $\pm$ 0.0200 & --" in latex
    assert r"see x\_y $\pm$ 1" in latex
    assert latex.count(r"\\") == 3


@pytest.mark.parametrize(
    ("seeds", "dataset", "words"),
    [
        (1, "isbi2012", "Last row: 1 seed;"),
        (3, "isbi2012", "mean ± standard deviation of 3 seeds"),
        (0, "isbi2012", "stack p.tif can be submitted to the challenge"),
        (0, "lab", "The test labels are not available"),
    ],
)
def test_note(seeds, dataset, words):
    assert words in note(seeds, dataset, "p.tif")


def table1_files(tmp_path, scores, *more):
    outputs = {n: tmp_path / f"table1.{n}" for n in ("csv", "markdown", "latex")}
    options = ["--experiments=unet", "--dataset=isbi2012", *more]
    call(table1, {"scores": scores, **outputs}, *options)
    return [path.read_text() for path in outputs.values()]


def test_program_writes_and_prints_the_table(tmp_path, make_scores, capsys):
    scores = make_scores([(identity(0), curves()), (identity(1), curves(0.02))])
    table, markdown, latex = table1_files(tmp_path, scores)
    assert table.endswith("unet2015 (this workflow),0.0104,0.05,0.07,0.97,0.99\n")
    ours = "| unet2015 (this workflow) | 0.010400 ± 0.014142 | 0.0500 ± 0.0141 |"
    assert ours in markdown
    assert r"\textbf{0.99000} $\pm$ 0.01414" in latex
    assert capsys.readouterr().out == markdown


def test_further_experiments_stand_below_the_reference(tmp_path, make_scores):
    runs = [(identity(), curves()), (identity(experiment="cells"), curves(0.01))]
    further = ["--experiments", "unet", "cells", "--partitioned", "cells"]
    table, markdown, _ = table1_files(tmp_path, make_scores(runs), *further)
    *_, ours, cells = table.splitlines()
    assert ours == "unet2015 (this workflow),0.0004,0.04,0.06,0.96,0.98"
    assert cells.startswith('"unet2015, cells with partitioning",0.0104,0.05,')
    assert "Last 2 rows: 1 seed;" in markdown


def test_program_with_unknown_labels_names_the_submission(tmp_path, make_scores):
    scores = make_scores([(identity(0), HEADER)])
    table, markdown, latex = table1_files(tmp_path, scores, "--submission", "a/p.tif")
    assert table.endswith("unet2015 (this workflow),,,,,\n")
    assert "| unet2015 (this workflow) | – | – | – | – | – |" in markdown
    assert "probability stack a/p.tif can be submitted" in latex
