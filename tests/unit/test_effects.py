"""Effects of experiments: paired slices, thresholds and verdicts."""

import numpy as np
import pandas as pd
import pytest

import table_effects
from unet2015.errors import InputError
from unet2015.experiments.effects import (
    BETTER,
    OPEN,
    WORSE,
    differences,
    effects,
    training_rows,
    verdict,
)
from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.figures.forest import draw_forest

FOLDS = [f"fold{k}" for k in range(5)]
RUNS = [(split, seed) for split in FOLDS for seed in "01"]


def scores(
    experiment, shift=0.0, best=0.5, runs=RUNS, slices=(9, 10, 11, 12), spread=0
):
    """Return tidy scores that are `shift` worse, best at threshold `best`.

    At another threshold every score is 0.1 worse. Errors are 0.2 and V_Rand and
    V_Info 0.8 at best, and differ from slice to slice by `spread`.
    """
    rows = []
    for metric in TABLE_METRICS:
        sign = -1 if metric.higher_is_better else 1
        for threshold in (0.3, 0.5, 0.7):
            worse = shift + 0.1 * (threshold != best)
            for split, seed in runs:
                for place, number in enumerate((*slices, "all")):
                    value = 0.5 + sign * (worse + spread * (-1) ** place - 0.3)
                    run = ["lab", split, experiment, seed]
                    rows.append([*run, str(number), metric.name, threshold, value])
    columns = ["dataset", "split", "experiment", "seed"]
    columns += ["slice", "metric", "threshold", "value"]
    return pd.DataFrame(rows, columns=columns)


def both(*others):
    return pd.concat([scores("unet"), *others], ignore_index=True)


def test_known_differences_have_no_doubt_and_the_right_sign():
    table = effects(both(scores("bad", 0.02), scores("good", -0.01)), "unet")
    assert list(table["experiment"]) == ["bad"] * 5 + ["good"] * 5
    assert list(table["metric"]) == [m.name for m in TABLE_METRICS] * 2
    for _, row in table.iterrows():
        higher = row["metric"].startswith("v_")
        shift = {"bad": 0.02, "good": -0.01}[row["experiment"]]
        expected = -shift if higher else shift
        assert row[["difference", "low", "high"]].tolist() == pytest.approx(
            [expected] * 3
        )
        assert row["mean"] - row["reference_mean"] == pytest.approx(expected)
        assert row["verdict"] == {"bad": WORSE, "good": BETTER}[row["experiment"]]
        assert (row["splits"], row["seeds"], row["slices"]) == (5, 2, 20)


def test_each_experiment_scores_at_its_own_best_threshold():
    table = effects(both(scores("moved", best=0.7)), "unet")
    assert set(table["threshold"]) == {0.7}
    assert set(table["reference_threshold"]) == {0.5}
    assert table["difference"].tolist() == pytest.approx([0] * 5)


def test_the_threshold_is_that_of_the_mean_curve_not_of_each_run():
    # Nine runs at their best at 0.3, one far better at 0.7.
    runs = [scores("mixed", best=0.3, runs=[run]) for run in RUNS[:9]]
    runs.append(scores("mixed", shift=-0.01, best=0.7, runs=RUNS[9:]))
    table = effects(both(*runs), "unet")
    assert set(table["threshold"]) == {0.3}
    assert table["difference"].abs().tolist() == pytest.approx([0.09 / 10] * 5)


def test_slices_are_compared_with_themselves():
    # Slices differ by far more than the experiments.
    table = effects(
        pd.concat([scores("unet", spread=0.2), scores("bad", 0.001, spread=0.2)]),
        "unet",
    )
    assert set(table["verdict"]) == {WORSE}
    assert table["low"].tolist() == pytest.approx(table["high"].tolist())


def test_slices_are_in_the_order_of_the_stack():
    runs = [("fold0", "0")]
    values = scores("other", runs=runs)
    reference = scores("unet", runs=runs)
    moved = values["slice"] == "9"  # the first, though "10" < "9" as text
    values.loc[moved, "value"] += 1
    parts = [
        t[(t["metric"] == "v_rand") & (t["threshold"] == 0.5) & (t["slice"] != "all")]
        .astype({"slice": int})
        .set_index(["split", "seed", "slice"])["value"]
        for t in (values, reference)
    ]
    (difference,) = differences(*parts, "v_rand")
    assert difference.tolist() == [pytest.approx([1, 0, 0, 0])]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (RUNS[:1], OPEN),
        (RUNS[:8], OPEN),  # two seeds of four folds
        (RUNS[::2], WORSE),  # one seed of five folds
        ([("test", str(seed)) for seed in range(4)], OPEN),
        ([("test", str(seed)) for seed in range(5)], WORSE),
    ],
)
def test_below_five_folds_or_seeds_of_one_nothing_is_decided(runs, expected):
    reference = scores("unet", runs=runs)
    table = effects(pd.concat([reference, scores("bad", 0.1, runs=runs)]), "unet")
    assert set(table["verdict"]) == {expected}
    assert table["splits"].max() == len({split for split, _ in runs})
    assert table["seeds"].max() == len({seed for _, seed in runs})


def test_a_single_slice_of_one_training_has_no_interval():
    runs, slices = RUNS[:1], (4,)
    pair = [scores(n, s, runs=runs, slices=slices) for n, s in (("unet", 0), ("b", 1))]
    table = effects(pd.concat(pair), "unet")
    assert set(table["verdict"]) == {OPEN}
    assert table[["low", "high"]].isna().all(axis=None)


def test_equal_experiments_are_not_decided():
    table = effects(both(scores("same")), "unet")
    assert set(table["verdict"]) == {OPEN}
    assert (table[["low", "high"]] == 0).all(axis=None)


@pytest.mark.parametrize(
    ("low", "high", "higher", "expected"),
    [
        (0.1, 0.3, True, BETTER),
        (0.1, 0.3, False, WORSE),
        (-0.3, -0.1, True, WORSE),
        (-0.3, -0.1, False, BETTER),
        (-0.1, 0.3, True, OPEN),
        (-0.3, 0.1, False, OPEN),
        (0.0, 0.3, True, OPEN),
        (-0.3, 0.0, True, OPEN),
    ],
)
def test_verdict(low, high, higher, expected):
    metric = next(m for m in TABLE_METRICS if m.higher_is_better == higher)
    estimate = ((low + high) / 2, low, high)
    assert verdict(estimate, 5, metric) == expected
    assert verdict(estimate, 4, metric) == OPEN


def without(table, **values):
    """Return a table less the rows that have all these values."""
    gone = np.logical_and.reduce([table[key] == value for key, value in values.items()])
    return table[~gone]


def test_an_experiment_is_compared_with_the_one_that_it_names():
    table = both(scores("bad", 0.02), scores("worse", 0.05))
    found = effects(table, "unet", {"worse": "bad"}).set_index("experiment")
    assert found.loc["bad", "against"].unique() == ["unet"]
    assert found.loc["worse", "against"].unique() == ["bad"]
    rows = found[found["metric"] == "pixel_error"]
    assert rows["difference"].to_dict() == pytest.approx({"bad": 0.02, "worse": 0.03})
    assert rows.loc["worse", "reference_mean"] == rows.loc["bad", "mean"]
    with pytest.raises(InputError, match="'nothing' has no scores, expected one of un"):
        effects(table, "unet", {"worse": "nothing"})


def test_rows_of_trainings_give_the_same_difference_and_interval():
    runs = [("test", str(seed)) for seed in range(5)]
    other = [scores("b", 0.01 * k**2, runs=[run]) for k, run in enumerate(runs)]
    table = pd.concat([scores("unet", runs=runs, spread=0.1), *other])
    rows = training_rows(table).set_index(["experiment", "split", "seed"]).sort_index()
    assert len(rows) == 10
    ours, reference = (rows["pixel_error"][name, "test"] for name in ("b", "unet"))
    found = effects(table, "unet").set_index("metric").loc["pixel_error"]
    assert found[["difference", "low", "high"]].tolist() == pytest.approx(
        t_interval((ours - reference).to_numpy())
    )
    assert found["low"] < found["high"]


@pytest.mark.parametrize(
    ("ours", "missing"),
    [
        (scores("other", runs=RUNS[1:]), "split fold0, seed 0, slice 9"),
        (scores("other", runs=[*RUNS, ("fold9", "0")]), "split fold9, seed 0, slice 9"),
        (scores("other", slices=(9, 10, 11)), "split fold0, seed 0, slice 12"),
        (
            without(scores("other"), split="fold1", seed="1", slice="10"),
            "split fold1, seed 1, slice 10",
        ),
    ],
)
def test_a_slice_without_its_pair_is_named(ours, missing):
    with pytest.raises(InputError, match=f"warping_error of {missing} is missing"):
        effects(both(ours), "unet")


def test_a_slice_that_both_lack_for_one_seed():
    holed = [
        without(scores(name), split="fold1", seed="1", slice="10")
        for name in ("unet", "other")
    ]
    with pytest.raises(InputError, match="split fold1, seed 1, slice 10 is missing"):
        effects(pd.concat(holed), "unet")


def test_a_score_that_is_no_number():
    table = scores("other")
    at = (table["metric"] == "v_rand") & (table["threshold"] == 0.5)
    table.loc[at & (table["slice"] == "11"), "value"] = np.nan
    with pytest.raises(InputError, match=r"v_rand of split fold0, seed 0, slice 11"):
        effects(both(table), "unet")


def test_unknown_labels_unknown_reference_and_missing_metric():
    with pytest.raises(InputError, match=r"labels .* are unknown; set run\.splits"):
        effects(scores("unet").iloc[:0], "unet")
    with pytest.raises(InputError, match="'nnet' has no scores, expected one of unet"):
        effects(scores("unet"), "nnet")
    with pytest.raises(InputError, match="other has no v_info for slice 'all'"):
        effects(both(without(scores("other"), metric="v_info")), "unet")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that runs the program on scores."""

    def run(table, *further, drawn=False):
        if not drawn:
            monkeypatch.setattr(table_effects, "save", lambda *_: None)
        table.to_csv(tmp_path / "scores.csv", index=False)
        options = [f"--scores={tmp_path / 'scores.csv'}", "--reference=unet", *further]
        outputs = [tmp_path / f"effects.{end}" for end in ("csv", "md", "png")]
        names = ("csv", "markdown", "output")
        options += [f"--{n}={path}" for n, path in zip(names, outputs, strict=True)]
        table_effects.main(options)
        assert outputs[2].exists() == drawn
        return pd.read_csv(outputs[0]), outputs[1].read_text()

    return run


def test_program_says_that_it_was_the_test_stack(program):
    runs = [[(split, "0")] for split in ("fold0", "test")]
    tables = [
        pd.concat([scores("unet", runs=run), scores("also", runs=run)]) for run in runs
    ]
    (_, on_fold), (_, on_test) = map(program, tables)
    assert on_test.startswith(on_fold)
    assert "test stack: nothing may be chosen" in on_test.removeprefix(on_fold)


def test_program_writes_a_line_an_experiment_and_a_note(program):
    table, text = program(both(scores("also"), scores("bad", 0.02)))
    assert len(table) == 10
    found, note = text.split("\n\n")
    lines = found.splitlines()
    assert {line.count("|") for line in lines} == {7}
    assert lines[2].startswith("| also | +0.000000 [+0.000000, +0.000000]")
    assert lines[3] == (
        "| bad | ▼ +0.020000 [+0.020000, +0.020000] "
        "| ▼ +0.0200 [+0.0200, +0.0200] | ▼ +0.0200 [+0.0200, +0.0200] "
        "| ▼ −0.02000 [−0.02000, −0.02000] | ▼ −0.02000 [−0.02000, −0.02000] |"
    )
    assert len(lines) == 4
    assert "Nothing is decided" not in note


def test_program_compares_pairs_and_writes_rows(program, tmp_path):
    rows = tmp_path / "rows.csv"
    table = both(scores("bad", 0.02), scores("worse", 0.05))
    found, text = program(table, "--against", "worse=bad", f"--rows={rows}")
    assert "\n| worse (against bad) | ▼ +0.030000 " in text
    assert "\n| bad | ▼ +0.020000 " in text
    assert found["against"].tolist() == ["unet"] * 5 + ["bad"] * 5
    assert pd.read_csv(rows).shape == (30, 8)
    figure = draw_forest(found, "unet")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["bad", "worse (against bad)"]


@pytest.mark.slow
def test_too_few_folds_or_seeds_are_said(program):
    def text(runs, **changes):
        pair = [scores(n, runs=runs, **changes) for n in ("unet", "b")]
        return program(pd.concat(pair))[1]

    assert "with one split, 5 seeds (here 1 and 2)" in text(RUNS[:2])
    assert "below 5 splits or" in text(RUNS[:8])
    assert "Nothing is decided" not in text(RUNS[::2])
    assert "| b | +0.000000 | +0.0000 |" in text(RUNS[:1], slices=(4,))


def test_effects_without_interval_can_be_drawn(program):
    pair = [scores(name, runs=RUNS[:1], slices=(4,)) for name in ("unet", "b")]
    table, _ = program(pd.concat(pair), drawn=True)
    assert table["low"].isna().all()


def test_the_reference_alone_gives_empty_tables(program):
    table, text = program(scores("unet"))
    assert table.empty
    assert text.startswith("| experiment |")


def test_values_that_are_no_numbers(program):
    table = both(scores("b")).astype({"value": str})
    table.loc[0, "value"] = "x"
    with pytest.raises(InputError, match="no number"):
        program(table)
