"""Effects of experiments: paired runs, intervals and verdicts."""

import pandas as pd
import pytest
from experiment_rows import RUNS, joined, rows

import table_effects
from unet2015.errors import InputError
from unet2015.experiments.effects import BETTER, OPEN, WORSE, effects, verdict
from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.figures.forest import draw_forest


def test_known_differences_have_no_doubt_and_the_right_sign():
    table = effects(joined(rows("bad", 0.02), rows("good", -0.01)), "unet")
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
        assert (row["splits"], row["seeds"]) == (5, 2)


def test_runs_are_compared_with_their_pair_whatever_the_order():
    # Runs differ by far more than the experiments.
    tables = [rows("unet"), rows("bad", 0.001)]
    for table in tables:
        table["pixel_error"] += [run / 100 for run in range(len(table))]
    mixed = tables[1].sample(frac=1, random_state=0)
    table = effects(pd.concat([tables[0], mixed]), "unet").set_index("metric")
    row = table.loc["pixel_error"]
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([0.001] * 3)
    assert row["verdict"] == WORSE


def test_interval_is_that_of_the_splits_or_of_the_seeds_of_one():
    other = rows("b")
    other["pixel_error"] += [0.01 * k**2 for k in range(10)]
    row = effects(joined(other), "unet").set_index("metric").loc["pixel_error"]
    means = other["pixel_error"].to_numpy().reshape(5, 2).mean(axis=1) - 0.2
    assert row[["difference", "low", "high"]].tolist() == pytest.approx(
        t_interval(means)
    )
    runs = [("test", seed) for seed in range(5)]
    other = rows("b", runs=runs)
    other["pixel_error"] += [0.01 * k**2 for k in range(5)]
    table = effects(pd.concat([rows(runs=runs), other]), "unet").set_index("metric")
    values = other["pixel_error"].to_numpy() - 0.2
    assert table.loc["pixel_error", ["difference", "low", "high"]].tolist() == (
        pytest.approx(t_interval(values))
    )


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (RUNS[:1], OPEN),
        (RUNS[:8], OPEN),  # two seeds of four folds
        (RUNS[::2], WORSE),  # one seed of five folds
        ([("test", seed) for seed in range(4)], OPEN),
        ([("test", seed) for seed in range(5)], WORSE),
    ],
)
def test_below_five_folds_or_seeds_of_one_nothing_is_decided(runs, expected):
    table = pd.concat([rows(runs=runs), rows("bad", 0.1, runs=runs)])
    table = effects(table, "unet")
    assert set(table["verdict"]) == {expected}
    assert table["splits"].max() == len({split for split, _ in runs})
    assert table["seeds"].max() == len({seed for _, seed in runs})


def test_a_single_run_has_no_interval():
    pair = [rows(name, runs=RUNS[:1]) for name in ("unet", "b")]
    table = effects(pd.concat(pair), "unet")
    assert set(table["verdict"]) == {OPEN}
    assert table[["low", "high"]].isna().all(axis=None)


def test_equal_experiments_are_not_decided():
    table = effects(joined(rows("same")), "unet")
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


def test_an_experiment_is_compared_with_the_one_that_it_names():
    table = joined(rows("bad", 0.02), rows("worse", 0.05))
    found = effects(table, "unet", {"worse": "bad"}).set_index("experiment")
    assert found.loc["bad", "against"].unique() == ["unet"]
    assert found.loc["worse", "against"].unique() == ["bad"]
    chosen = found[found["metric"] == "pixel_error"]
    assert chosen["difference"].to_dict() == pytest.approx({"bad": 0.02, "worse": 0.03})
    assert chosen.loc["worse", "reference_mean"] == chosen.loc["bad", "mean"]
    with pytest.raises(InputError, match="'nothing' has no scores, expected one of un"):
        effects(table, "unet", {"worse": "nothing"})


@pytest.mark.parametrize(
    ("runs", "missing"),
    [
        (RUNS[1:], "split fold0, seed 0"),
        ([*RUNS, ("fold9", 0)], "split fold9, seed 0"),
        (RUNS[:3] + RUNS[4:], "split fold1, seed 1"),
    ],
)
def test_a_run_without_its_pair_is_named(runs, missing):
    with pytest.raises(InputError, match=f"{missing} of other or of unet is missing"):
        effects(joined(rows("other", runs=runs)), "unet")


def test_unknown_labels_and_unknown_reference():
    with pytest.raises(InputError, match=r"labels .* are unknown; set run\.splits"):
        effects(rows().iloc[:0], "unet")
    with pytest.raises(InputError, match="'nnet' has no scores, expected one of unet"):
        effects(rows(), "nnet")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that runs the program on rows."""

    def run(table, *further, drawn=False):
        if not drawn:
            monkeypatch.setattr(table_effects, "save", lambda *_: None)
        table.to_csv(tmp_path / "rows.csv", index=False)
        options = [f"--rows={tmp_path / 'rows.csv'}", "--reference=unet", *further]
        outputs = [tmp_path / f"effects.{end}" for end in ("csv", "md", "png")]
        names = ("csv", "markdown", "output")
        options += [f"--{n}={path}" for n, path in zip(names, outputs, strict=True)]
        table_effects.main(options)
        assert outputs[2].exists() == drawn
        return pd.read_csv(outputs[0]), outputs[1].read_text()

    return run


def test_program_says_that_it_was_the_test_stack(program):
    runs = [[(split, 0)] for split in ("fold0", "test")]
    tables = [pd.concat([rows(runs=run), rows("also", runs=run)]) for run in runs]
    (_, on_fold), (_, on_test) = map(program, tables)
    assert on_test.startswith(on_fold)
    assert "test stack: nothing may be chosen" in on_test.removeprefix(on_fold)


def test_program_writes_a_line_an_experiment_and_a_note(program):
    table, text = program(joined(rows("also"), rows("bad", 0.02)))
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


def test_program_compares_pairs(program):
    table = joined(rows("bad", 0.02), rows("worse", 0.05))
    found, text = program(table, "--against", "worse=bad")
    assert "\n| worse (against bad) | ▼ +0.030000 " in text
    assert "\n| bad | ▼ +0.020000 " in text
    assert found["against"].tolist() == ["unet"] * 5 + ["bad"] * 5
    figure = draw_forest(found, "unet")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["bad", "worse (against bad)"]


def test_too_few_folds_or_seeds_are_said(program):
    def text(runs):
        return program(pd.concat([rows(n, runs=runs) for n in ("unet", "b")]))[1]

    assert "with one split, 5 seeds (here 1 and 2)" in text(RUNS[:2])
    assert "below 5 splits or" in text(RUNS[:8])
    assert "Nothing is decided" not in text(RUNS[::2])
    assert "| b | +0.000000 | +0.0000 |" in text(RUNS[:1])


def test_effects_without_interval_can_be_drawn(program):
    pair = [rows(name, runs=RUNS[:1]) for name in ("unet", "b")]
    table, _ = program(pd.concat(pair), drawn=True)
    assert table["low"].isna().all()


def test_the_reference_alone_gives_empty_tables(program):
    table, text = program(rows())
    assert table.empty
    assert text.startswith("| experiment |")


def test_values_that_are_no_numbers(program):
    table = joined(rows("b")).astype({"v_rand": object})
    table.loc[0, "v_rand"] = "x"
    with pytest.raises(InputError, match=r"no table of runs: .*table_rows\.py"):
        program(table)
