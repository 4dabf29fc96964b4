"""What may take the place of the reference: margins and splits that are better."""

import pandas as pd
import pytest
from experiment_rows import FOLDS, joined, rows
from training_files import call

import table_choices
from unet2015.errors import InputError
from unet2015.experiments.choices import choices


def found(table, **against):
    """Return the rows of the table of choices by experiment."""
    return choices(table, "unet", against).set_index("experiment")


@pytest.mark.parametrize(
    ("pixel_error", "v_info", "as_good"),
    [
        (0.20049, 0.79901, True),
        (0.20051, 0.8, False),
        (0.2, 0.79899, False),
        (0.1, 0.9, True),
    ],
)
def test_as_good_is_worse_by_less_than_both_margins(pixel_error, v_info, as_good):
    table = joined(rows("short", pixel_error=pixel_error, v_info=v_info))
    row = found(table).loc["short"]
    assert row["as_good"] == as_good
    assert row["pixel_error"] == pytest.approx(pixel_error - 0.2)
    assert row["v_info"] == pytest.approx(v_info - 0.8)
    assert (row["steps"], row["minutes"]) == (600, 1.5)


def test_an_interrupted_run_does_not_count_in_the_minutes():
    table = rows("other")
    table.loc[0, "seconds"] = 9000.0
    assert found(joined(table)).loc["other", "minutes"] == 1.5


def test_better_counts_splits_on_which_both_scores_are():
    table = rows("other")
    for split, pixel_error, v_info in zip(
        FOLDS, (0.1, 0.1, 0.3, 0.2, 0.1), (0.9, 0.7, 0.9, 0.9, 0.9), strict=True
    ):
        table.loc[table["split"] == split, "pixel_error"] = pixel_error
        table.loc[table["split"] == split, "v_info"] = v_info
    row = found(joined(table)).loc["other"]
    assert (row["better"], row["splits"]) == (2, 5)


def test_a_split_is_the_mean_of_its_seeds():
    table = rows("other", shift=-0.1)
    table.loc[table["seed"] == 1, "pixel_error"] = 0.25
    assert found(joined(table)).loc["other", "better"] == 5
    table.loc[table["seed"] == 1, "pixel_error"] = 0.35
    assert found(joined(table)).loc["other", "better"] == 0


def test_an_experiment_may_end_before_the_last_split():
    table = rows("other", 0.1).iloc[:4]
    row = found(joined(table)).loc["other"]
    assert (row["better"], row["splits"]) == (0, 2)
    assert row["pixel_error"] == pytest.approx(0.1)
    alone = table.assign(split="fold9")
    with pytest.raises(InputError, match="split fold9, seed 0 of other or of unet"):
        found(joined(alone))


def test_an_experiment_is_compared_with_the_one_that_it_names():
    table = joined(rows("a", 0.1), rows("b", 0.1))
    row = found(table, b="a").loc["b"]
    assert (row["against"], row["pixel_error"]) == ("a", 0)


def test_the_test_stack_chooses_nothing():
    with pytest.raises(InputError, match="nothing may be chosen by the test stack"):
        choices(rows(runs=[("test", 0)]), "unet")


def test_program_writes_words_the_fewest_steps_first(tmp_path):
    files = {name: tmp_path / name for name in ("rows", "csv", "markdown")}
    joined(rows("long", -0.1, steps=1200), rows("short", 0.1)).to_csv(
        files["rows"], index=False
    )
    call(table_choices, files, "--reference", "unet")
    head, _, *lines = files["markdown"].read_text().splitlines()
    assert head.endswith("| better in both | worse by at most 0.0005 and 0.001 |")
    assert lines == [
        "| short | 600 | 1.5 | +0.1000 | −0.10000 | 0 of 5 | no |",
        "| long | 1,200 | 1.5 | −0.1000 | +0.10000 | 5 of 5 | yes |",
    ]
    assert len(pd.read_csv(files["csv"])) == 2
