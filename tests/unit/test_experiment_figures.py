"""Figures of experiments and thresholds: what they show, from tiny tables."""

import pandas as pd
import pytest
from training_files import call

import figure_threshold_curves
from unet2015.errors import InputError
from unet2015.experiments.effects import BETTER, COLUMNS, OPEN, WORSE
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.time_to_accuracy import points, trainings
from unet2015.figures import accuracy_plot, forest, threshold_curves
from unet2015.figures.style import OKABE_ITO

THRESHOLDS = (0.0, 0.1, 0.5, 0.9, 1.0)
GOOD_AT = {0.1: 0.02, 0.5: 0.01, 0.9: 0.03}
"""How far from perfect the scores are; at the two ends they are bad."""


def scores(experiment="unet", split="test", seed="0", shift=0.0, best=0.5):
    """Return tidy scores of a run; `best` swaps places with threshold 0.5."""
    swap = {best: 0.5, 0.5: best}
    rows = [
        (metric.name, threshold, 1 - far if metric.higher_is_better else far)
        for metric in TABLE_METRICS
        for threshold in THRESHOLDS
        for far in [GOOD_AT.get(swap.get(threshold, threshold), 0.7) + shift]
    ]
    table = pd.DataFrame(rows, columns=["metric", "threshold", "value"])
    table = table.assign(dataset="lab", split=split, experiment=experiment, seed=seed)
    order = ["dataset", "split", "experiment", "seed", "slice", "metric"]
    return table.assign(slice="all")[[*order, "threshold", "value"]]


def effects():
    """Return effects of three experiments: worse, better and not decided."""
    rows = []
    for name, shift in (("no-skip", -0.03), ("longer", 0.01), ("same", 0.0)):
        for metric in TABLE_METRICS:
            difference = shift if metric.higher_is_better else -shift
            row = dict.fromkeys(COLUMNS, 1.0)
            row |= {"experiment": name, "against": "unet", "metric": metric.name}
            row["difference"] = difference
            row |= {"low": difference - 0.005, "high": difference + 0.005}
            row["verdict"] = BETTER if shift > 0 else WORSE if shift else OPEN
            rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def run_of(experiment, split="fold0", seed="0"):
    return {"experiment": experiment, "split": split, "seed": seed}


def lines(axes, **properties):
    """Return the (x, y) data of the lines with these properties."""
    return [
        (list(line.get_xdata()), list(line.get_ydata()))
        for line in axes.lines
        if all(getattr(line, f"get_{key}")() == v for key, v in properties.items())
    ]


def test_forest_shows_each_effect_and_puts_better_to_the_right():
    figure = forest.draw_forest(effects(), "unet")
    assert len(figure.axes) == len(TABLE_METRICS)
    for axes, metric in zip(figure.axes, TABLE_METRICS, strict=True):
        assert axes.get_title() == metric.title
        left, right = axes.get_xlim()
        sign = 1 if metric.higher_is_better else -1
        assert left == -right and right * sign > 0.035
        (worse,) = lines(axes, marker="<")
        assert worse == ([-0.03 * sign], [0])
        assert lines(axes, marker=">") == [([0.01 * sign], [1])]
        assert lines(axes, marker="o") == [([0.0], [2])]
        spans = lines(axes, marker="None", color=OKABE_ITO["vermilion"])
        assert spans[0][0] == pytest.approx(
            [-0.03 * sign - 0.005, -0.03 * sign + 0.005]
        )
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["no-skip", "longer", "same"]
    top, bottom = sorted(figure.axes[0].get_ylim())[::-1]
    assert figure.axes[0].get_ylim() == (top, bottom)  # the first on top


def test_forest_cuts_off_an_effect_far_beyond_the_others():
    table = effects()
    far = table["experiment"] == "no-skip"
    table.loc[far, ["difference", "low", "high"]] *= 10
    for axes, metric in zip(
        forest.draw_forest(table, "unet").axes, TABLE_METRICS, strict=True
    ):
        reach = max(axes.get_xlim())
        assert 0.015 < reach < 0.03  # what the others need, and room
        sign = 1 if metric.higher_is_better else -1
        (([x], [place]),) = lines(axes, marker="<")
        assert -reach < x * sign < -0.9 * reach and place == 0
        (written,) = [text for text in axes.texts if text.get_text()]
        assert float(written.get_text().replace("−", "-")) == -0.3 * sign
        assert written.get_position()[0] * sign > 0
        assert lines(axes, marker=">") == [([0.01 * sign], [1])]


def test_forest_of_the_reference_alone_says_so():
    figure = forest.draw_forest(effects().iloc[:0], "unet")
    assert figure.axes[0].texts[0].get_text() == forest.NOTHING


def test_threshold_curves_mark_the_best_and_the_chosen():
    folds = pd.concat([scores(split=f"fold{k}", best=0.1) for k in range(3)])
    figure = threshold_curves.draw_threshold_curves(scores(), folds)
    for axes, metric in zip(figure.axes, TABLE_METRICS, strict=True):
        best, chosen = (0.99, 0.98) if metric.higher_is_better else (0.01, 0.02)
        blue, vermilion = (OKABE_ITO[c] for c in ("blue", "vermilion"))
        (dot,) = lines(axes, marker="o", color=blue)
        assert dot == ([0.5], [pytest.approx(best)])
        assert lines(axes, marker="o", color=vermilion)[0][0] == [0.1]
        assert lines(axes, linestyle=":")[0][0] == [0.1, 0.1]
        (ring,) = lines(axes, markerfacecolor="none")
        assert ring == ([0.1], [pytest.approx(chosen)])
        assert len(lines(axes, linewidth=0.6)) == 4  # each run
        # The ends, where the scores are bad, are left out.
        low, high = axes.get_ylim()
        assert low < min(best, chosen) and max(best, chosen) < high
        assert high - low < 0.1


def test_threshold_curves_of_folds_or_test_alone():
    empty = scores().iloc[:0]
    for tables, keys in (((scores(), empty), 1), ((empty, scores()), 2)):
        figure = threshold_curves.draw_threshold_curves(*tables)
        assert len(figure.legends[0].get_texts()) == keys
        assert not lines(figure.axes[0], markerfacecolor="none")
    figure = threshold_curves.draw_threshold_curves(empty, empty)
    assert figure.axes[0].texts[0].get_text() == threshold_curves.UNKNOWN


@pytest.mark.parametrize("folds", [[], ["--fold-scores"]])
def test_threshold_curves_without_folds_and_labels(folds, tmp_path):
    files = {"scores": tmp_path / "empty.csv", "output": tmp_path / "t.png"}
    scores().iloc[:0].to_csv(files["scores"], index=False)
    call(figure_threshold_curves, files, *folds)
    assert files["output"].stat().st_size > 1000


def test_points_are_means_over_runs_with_their_spread():
    runs = [run_of("unet"), run_of("unet", "fold1"), run_of("short")]
    records = [{"steps": 9, "seconds": s} for s in (600, 840, 60)]
    records[2]["steps"] = 1
    table = pd.concat(
        [
            scores("unet", "fold0"),
            scores("unet", "fold1", shift=0.02),
            scores("short", "fold0", shift=0.1, best=0.9),
            scores("other", "fold0", shift=-0.01),
        ]
    )
    found = points(table, trainings(runs, records))
    assert list(found.index) == ["short", "unet"]
    assert found["minutes_mean"].tolist() == [1, 12]
    assert found["minutes_std"].tolist() == pytest.approx([0, 8**0.5])
    assert found["steps"].tolist() == [1, 9]
    assert found["runs"].tolist() == [1, 2]
    for name in ("v_rand", "v_info"):
        assert found[f"{name}_mean"].tolist() == pytest.approx([0.89, 0.98])
        assert found[f"{name}_std"].tolist() == pytest.approx([0, 0.02 / 2**0.5])


def test_time_of_a_run_is_that_of_all_its_networks():
    runs = [run_of("unet"), run_of("unet"), run_of("unet", "fold1"), run_of("short")]
    records = [{"steps": 4, "seconds": s} for s in (60, 90, 30, 6)]
    found = trainings(runs, records).set_index(["experiment", "split"])
    assert list(found.index) == [
        ("unet", "fold0"),
        ("unet", "fold1"),
        ("short", "fold0"),
    ]
    assert found["minutes"].tolist() == pytest.approx([2.5, 0.5, 0.1])
    assert found["steps"].tolist() == [8, 4, 4]


def test_scores_of_runs_are_at_one_threshold_per_experiment():
    # The second run alone would choose 0.9; on average 0.5 is best.
    table = pd.concat([scores(split="fold0"), scores(split="fold1", best=0.9)])
    table.loc[table["threshold"] == 0.1, "value"] = 0.5
    runs = [run_of("unet"), run_of("unet", "fold1")]
    found = points(table, trainings(runs, [{"steps": 1, "seconds": 60}] * 2))
    assert found["v_rand_mean"].tolist() == pytest.approx([0.98])


@pytest.mark.parametrize(
    ("runs", "records", "words"),
    [
        ([run_of("unet")], [], "0 records for 1 runs"),
        ([run_of("unet")], [{"steps": 1}], "lacks seconds"),
        ([{"split": "fold0"}], [{"steps": 1, "seconds": 2}], "lacks experiment, seed"),
    ],
)
def test_records_that_do_not_fit(runs, records, words):
    with pytest.raises(InputError, match=words):
        trainings(runs, records)


@pytest.mark.parametrize("run", [run_of("unet", "fold1"), run_of("none")])
def test_a_training_without_scores_is_named(run):
    trained = trainings([run], [{"steps": 1, "seconds": 60}])
    words = f"{run['experiment']} on split {run['split']}, seed 0, has no score"
    with pytest.raises(InputError, match=words):
        points(scores(split="fold0"), trained)


def test_time_to_accuracy_shows_points_steps_and_the_paper():
    runs = [run_of("unet"), run_of("short")]
    records = [{"steps": 3 * s, "seconds": s} for s in (600, 150)]
    table = pd.concat([scores("unet", "fold0"), scores("short", "fold0", shift=0.05)])
    figure = accuracy_plot.draw_time_to_accuracy(
        points(table, trainings(runs, records))
    )
    first, second = figure.axes
    assert first.get_xscale() == "log"
    x, y = lines(first, marker="o")[0]
    assert x == [2.5, 10]
    assert y == pytest.approx([0.94, 0.99])
    words = [text.get_text() for text in first.texts]
    assert words[:2] == ["450 steps", "1800 steps"]
    assert "10 hours" in words[2]
    assert second.get_ylabel().startswith("V_Info")
