import numpy as np
import pandas as pd
import pytest

from unet2015.errors import InputError
from unet2015.experiments.intervals import interval_of_slices
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.thresholds import (
    best_threshold,
    fixed_threshold_scores,
)
from unet2015.report.threshold_tables import threshold_markdown


def scores(curves, split="test", slices=("0", "1")):
    """Tidy scores: `curves` maps a seed to the values at thresholds 0.0 and 0.5.

    A slice scores as the whole, 0.1 less or more than it in turn.
    """
    rows = []
    for seed, curve in curves.items():
        for metric in TABLE_METRICS:
            for threshold, value in zip((0.0, 0.5), curve, strict=True):
                offsets = {"all": 0.0} | {
                    name: 0.1 * (-1) ** int(name) for name in slices
                }
                rows += [
                    {
                        "split": split,
                        "seed": seed,
                        "slice": name,
                        "metric": metric.name,
                        "threshold": threshold,
                        "value": value + offset,
                    }
                    for name, offset in offsets.items()
                ]
    return pd.DataFrame(rows)


def test_threshold_comes_from_the_folds_and_the_score_from_the_test_stack():
    folds = scores({"0": (0.2, 0.4), "1": (0.2, 0.6)}, "fold0")
    test = scores({"0": (0.9, 0.3), "1": (0.7, 0.1)})
    table = fixed_threshold_scores(folds, test).set_index("metric")
    v_rand, warping = table.loc["v_rand"], table.loc["warping_error"]
    # Higher is better: the folds choose 0.5, the test stack would choose 0.
    assert v_rand["threshold"] == 0.5
    assert v_rand["crossvalidated"] == pytest.approx(0.5)
    assert v_rand["test"] == pytest.approx(0.2)
    assert (v_rand["test_best_threshold"], v_rand["test_best"]) == (0.0, 0.8)
    # Lower is better: the other way round.
    assert warping["threshold"] == 0.0
    assert warping["test"] == pytest.approx(0.8)
    assert (warping["test_best_threshold"], warping["test_best"]) == (0.5, 0.2)


def test_slices_are_scored_one_by_one_with_their_interval():
    test = scores({"0": (0.9, 0.3)})
    row = fixed_threshold_scores(test, test).set_index("metric").loc["v_rand"]
    assert row["slice_mean"] == pytest.approx(0.9)
    assert np.isnan([row["slice_low"], row["slice_high"]]).all()  # one block

    slices = [str(number) for number in range(9)]  # three blocks of 1, -1, 1 / 3
    test = scores({"0": (0.9, 0.3), "1": (0.9, 0.3)}, slices=slices)
    row = fixed_threshold_scores(test, test).set_index("metric").loc["v_rand"]
    expected = interval_of_slices(0.9 + 0.1 * (-1.0) ** np.arange(9)[None])
    found = [row["slice_mean"], row["slice_low"], row["slice_high"]]
    assert found == pytest.approx(expected)


def test_unknown_test_labels_leave_the_test_columns_empty():
    folds = scores({"0": (0.2, 0.4)}, "fold0")
    table = fixed_threshold_scores(folds, folds.iloc[:0])
    assert table["test"].isna().all()
    assert threshold_markdown(table).splitlines()[2].endswith("|  |  |  |")


def test_folds_without_scores_are_an_error():
    test = scores({"0": (0.9, 0.3)})
    with pytest.raises(InputError, match="run `snakemake crossvalidation`"):
        fixed_threshold_scores(test.iloc[:0], test)


def test_lowest_of_equally_good_thresholds_is_taken():
    curve = pd.Series([0.5, 0.7, 0.7], index=[0.0, 0.1, 0.2])
    metrics = {metric.name: metric for metric in TABLE_METRICS}
    assert best_threshold(curve, metrics["v_rand"]) == 0.1
    assert best_threshold(-curve, metrics["rand_error"]) == 0.1


def test_markdown_has_a_row_a_metric():
    test = scores({"0": (0.9, 0.3)})
    lines = threshold_markdown(fixed_threshold_scores(test, test)).splitlines()
    assert len(lines) == 2 + len(TABLE_METRICS)
    assert lines[5].startswith("| V_Rand | 0.0 | 0.90000 | 0.90000 | 0.90000 (0.0) |")
    assert lines[5].endswith("| 0.90000 |")  # one block of slices has no interval
