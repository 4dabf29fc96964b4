"""Figures of experiments and thresholds: what they show, from tiny tables."""

import pandas as pd
import pytest
from experiment_rows import rows
from training_files import call

import figure_threshold_curves
from unet2015.errors import InputError
from unet2015.experiments.effects import BETTER, COLUMNS, OPEN, WORSE
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.time_to_accuracy import points
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
    found = []
    for name, shift in (("no-skip", -0.03), ("longer", 0.01), ("same", 0.0)):
        for metric in TABLE_METRICS:
            difference = shift if metric.higher_is_better else -shift
            row = dict.fromkeys(COLUMNS, 1.0)
            row |= {"experiment": name, "against": "unet", "metric": metric.name}
            row["difference"] = difference
            row |= {"low": difference - 0.005, "high": difference + 0.005}
            row["verdict"] = BETTER if shift > 0 else WORSE if shift else OPEN
            found.append(row)
    return pd.DataFrame(found, columns=COLUMNS)


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


def sweep():
    """Return rows of two experiments: 200 and 800 steps, two seeds of two folds."""
    runs = [(split, seed) for split in ("fold0", "fold1") for seed in (0, 1)]
    tables = {
        name: rows(name, shift, runs, steps=steps, seconds=60.0 * minutes)
        for name, steps, minutes, shift in (("unet", 800, 8, 0), ("short", 200, 2, 0.1))
    }
    tables["unet"]["v_info"] = [0.8, 0.7, 0.9, 0.8]
    return pd.concat([*tables.values(), rows("other", runs=runs)])


def test_points_are_seeds_means_over_splits():
    found = points(sweep(), ["unet", "short"])
    assert list(found.index) == [
        ("short", 0),
        ("short", 1),
        ("unet", 0),
        ("unet", 1),
    ]
    assert found["minutes"].tolist() == [2, 2, 8, 8]
    assert found["steps"].tolist() == [200, 200, 800, 800]
    assert found["v_info"].tolist() == pytest.approx([0.7, 0.7, 0.85, 0.75])


def test_interrupted_runs_do_not_move_the_points_of_a_seed():
    table = sweep()
    table.iloc[1, table.columns.get_loc("seconds")] = 9000.0
    assert points(table, ["unet"])["minutes"].tolist() == [8, 8]


def test_an_experiment_without_rows_is_named():
    with pytest.raises(InputError, match="longer has no row, expected one a run"):
        points(sweep(), ["unet", "longer"])
    with pytest.raises(InputError, match="labels of the scored slices are unknown"):
        points(sweep().iloc[:0], ["unet"])


def test_time_to_accuracy_shows_seeds_means_steps_and_the_paper():
    figure = accuracy_plot.draw_time_to_accuracy(points(sweep(), ["unet", "short"]))
    first, second = figure.axes
    assert first.get_xscale() == "log"
    (x, y) = lines(second, marker="o")[0]
    assert x == [2, 2, 8, 8]
    assert y == pytest.approx([0.7, 0.7, 0.85, 0.75])
    (x, y) = lines(second, marker="None")[0]
    assert x == [2, 8]
    assert y == pytest.approx([0.7, 0.8])
    (steps,) = first.child_axes
    assert [label.get_text() for label in steps.get_xticklabels()] == ["200", "800"]
    assert steps.get_xticks().tolist() == [2, 8]
    assert "10 hours" in figure.get_supxlabel()
    assert second.get_ylabel().startswith("V_Info")
