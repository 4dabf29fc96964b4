"""Claims: rows of trainings, what they say, the table and the figure."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import figure_claims
import table_claims
from unet2015.config.experiments import PILOT, REPLICATES, claim_runs
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.errors import InputError
from unet2015.experiments.claims import (
    COLUMNS,
    NAMES,
    NUMBERS,
    compared,
    joined,
    losses,
    pilot,
    read_rows,
    replicates,
    row,
    verdict_words,
)
from unet2015.experiments.design import read_design
from unet2015.experiments.verdicts import NONE, OPEN, SUPPORTED
from unet2015.figures.claim_rows import COLOURS, NOTHING, draw_claims
from unet2015.report.claim_tables import claims_markdown, scores_markdown

ROOT = Path(__file__).parents[2]
DESIGN = [ROOT / "config/config.yaml", ROOT / "config/claims.yaml"]
KNOWN = ROOT / "docs/data/claims.csv"
SEEDS = ROOT / "config/claims_seeds.yaml"
CLAIMS, REFERENCE, SHA256 = read_design(DESIGN)
PRIMARY = [claim for claim in CLAIMS if claim["primary"]]
USUAL = {"v_rand": 0.976, "v_info": 0.987, "warping_error": 0.00035}
NOISE = {"v_rand": 0.0007, "v_info": 0.0003, "warping_error": 0.00001}
"""A training's standard deviation; that of all other endpoints is 0.00015."""


def training(arm, seed, **scores):
    """Return a row of an arm, with the noise of its seed."""
    rng = np.random.default_rng([seed, *arm.encode()])
    values = {
        name: USUAL.get(name, 0.06) + NOISE.get(name, 0.00015) * rng.standard_normal()
        for name in NAMES
    }
    return {
        **values,
        **scores,
        "arm": arm,
        "seed": seed,
        "steps": 2000,
        "seconds": 240.0,
        "device": "AMD EPYC, 1 threads",
        "precision": "bfloat16",
        "torch": "2.13.0+cpu",
        "commit": "0123456789",
        "design": SHA256,
    }


def rows(*trainings):
    return pd.DataFrame(trainings, columns=COLUMNS).astype(NUMBERS)


@pytest.fixture
def finished():
    """Rows of all primary arms: 8 seeds, no arm with an effect but one."""
    arms = {claim[key] for claim in PRIMARY for key in ("arm", "against")}
    found = [training(arm, seed) for arm in sorted(arms) for seed in range(PILOT)]
    found += [training(REFERENCE, seed) for seed in range(PILOT, REPLICATES)]
    table = rows(*found)
    table.loc[table["arm"] == "no-border-weight", "v_rand"] -= 0.006
    return joined([table])


def by_arm(table):
    return table.set_index("arm")


def test_losses_are_positive_where_the_arm_is_worse_and_paired_by_seed():
    claim = {"arm": "a", "against": "b"}
    table = rows(
        training("a", 1, v_rand=0.9, pixel_error=0.2),
        training("a", 0, v_rand=0.8, pixel_error=0.3),
        training("b", 0, v_rand=0.9, pixel_error=0.1),
        training("b", 1, v_rand=0.7, pixel_error=0.3),
        training("b", 2),
    )
    found = losses(table, claim, "v_rand")
    assert found.index.tolist() == [0, 1]
    assert found.tolist() == pytest.approx([0.1, -0.2])
    assert losses(table, claim, "pixel_error").tolist() == pytest.approx([0.2, -0.1])


def test_verdicts_of_a_finished_series(finished):
    seeds = pilot(finished, PRIMARY, REFERENCE)
    assert seeds == PILOT
    table = by_arm(compared(finished, CLAIMS, seeds))
    assert table.loc["no-border-weight", "verdict"] == SUPPORTED
    others = table[table["primary"]].drop("no-border-weight")["verdict"]
    assert set(others) <= {NONE, OPEN}
    assert (table.loc[~table["primary"], "verdict"] == "").all()
    assert table.loc["no-border-weight", "p"] < 0.05
    assert table.loc["no-border-weight", "p_flips"] == 2 / 2**PILOT


def test_without_the_pilot_nothing_is_decided(finished):
    lacking = finished[~((finished["arm"] == REFERENCE) & (finished["seed"] == 3))]
    assert pilot(lacking, PRIMARY, REFERENCE) is None
    table = compared(lacking, CLAIMS, None)
    assert (table["verdict"] == "").all() and (table["pairs"] == 0).all()


def test_a_claim_waits_for_all_its_pairs(finished):
    gone = (finished["arm"] == "no-border-weight") & (finished["seed"] == 5)
    table = by_arm(compared(finished[~gone], CLAIMS, PILOT))
    chosen = table.loc["no-border-weight"]
    assert chosen["verdict"] == "" and chosen["pairs"] == PILOT - 1
    assert verdict_words(chosen, PILOT) == "7 of 8 pairs so far"
    # The others are corrected for seven claims all the same.
    assert table.loc["no-skip", "p"] == pytest.approx(
        by_arm(compared(finished, CLAIMS, PILOT)).loc["no-skip", "p"], rel=0.5
    )


def test_further_seeds_of_the_reference_are_no_pairs(finished):
    more = rows(*(training("no-border-weight", seed) for seed in range(8, 16)))
    table = compared(joined([finished, more]), CLAIMS, PILOT)
    assert table["pairs"].max() == PILOT


def test_what_is_not_decided_names_the_pairs_that_would(finished):
    at = finished["arm"] == "no-skip"
    finished.loc[at, "pixel_error"] += 0.01 * np.arange(8) - 0.033
    row = by_arm(compared(finished, CLAIMS, PILOT)).loc["no-skip"]
    assert row["verdict"] == OPEN
    assert verdict_words(row, PILOT).startswith("not decided: ")
    assert verdict_words(row, PILOT).endswith(" pairs would decide")


def test_the_noisiest_primary_endpoint_fixes_the_number_of_seeds(finished):
    at = finished["arm"] == REFERENCE
    finished.loc[at, "rand_error"] += np.arange(at.sum())  # no primary endpoint
    # Of claims whose pairs are two predictions of one network.
    finished.loc[at, "border_pixel_error"] += np.arange(at.sum())
    finished.loc[at, "warping_error"] += np.arange(at.sum())
    assert pilot(finished, PRIMARY, REFERENCE) == PILOT
    finished.loc[at, "v_info"] += 0.01 * np.arange(at.sum())
    assert pilot(finished, PRIMARY, REFERENCE) == 20


def test_the_reference_is_no_effect_against_itself(finished):
    again = replicates(finished, PRIMARY, REFERENCE)
    assert again["false"] <= 0.05
    assert again["none"] + again["open"] == pytest.approx(1, abs=0.02)
    assert replicates(finished[finished["seed"] < 15], PRIMARY, REFERENCE) is None


def test_a_margin_of_nothing_shows_the_false_verdicts_of_pairings(finished):
    sharp = [{**claim, "margin": 1e-9} for claim in PRIMARY]
    assert 0 < replicates(finished, sharp, REFERENCE)["false"] < 0.2


@pytest.fixture
def described(tmp_path):
    """Write the files of a training; return what the table is told of it."""
    values = training("no-skip", 3)
    record = {key: values[key] for key in COLUMNS if key not in [*NAMES, "design"]}
    scores = {key: values[key] for key in NAMES}
    for name, content in (("record", record), ("scores", scores)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    files = {name: str(tmp_path / f"{name}.json") for name in ("record", "scores")}
    return {"arm": "no-skip", "seed": 3, **files}


def test_a_row_tells_what_when_where_and_how_well(described):
    assert row(described, SHA256) == training("no-skip", 3)
    assert list(row(described, SHA256)) == COLUMNS


def test_unknown_labels_give_no_row(described):
    Path(described["scores"]).write_text("{}")
    assert row(described, SHA256) is None


def test_a_record_that_lacks_something_is_refused(described):
    Path(described["record"]).write_text('{"steps": 3}')
    with pytest.raises(InputError, match=r"lack seconds, .*; train and evaluate again"):
        row(described, SHA256)


def test_a_training_that_was_repeated_replaces_its_row():
    old, new = training("unet", 0), training("unet", 0, v_rand=0.5)
    found = joined([rows(training("unet", 1), old), rows(new)])
    assert found["seed"].tolist() == [0, 1]
    assert found.loc[0, "v_rand"] == 0.5


def test_rows_survive_writing_and_reading(tmp_path):
    path, table = tmp_path / "claims.csv", rows(training("unet", 0))
    table.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_rows(path, SHA256), table)


def test_rows_of_another_design_are_refused(tmp_path):
    path = tmp_path / "claims.csv"
    rows(training("unet", 0), training("unet", 1) | {"design": "0" * 64}).to_csv(
        path, index=False
    )
    with pytest.raises(InputError, match=r"unet, seed 1 of a design with sha256 0{12}"):
        read_rows(path, SHA256)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", f"{','.join(COLUMNS)}\n{',' * 18}\n"])
def test_another_table_is_refused(tmp_path, text):
    path = tmp_path / "claims.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"is no table of claims.*table_claims.py"):
        read_rows(path, SHA256)


def test_the_design_is_known_by_the_sha256_of_its_file():
    assert hashlib.sha256(DESIGN[1].read_bytes()).hexdigest() == SHA256


def test_a_design_without_claims_is_refused():
    with pytest.raises(InputError, match=r"config\.yaml has no experiment with a prim"):
        read_design(DESIGN[:1])


def test_runs_begin_with_the_reference_and_end_with_what_is_secondary():
    runs = claim_runs(complete(read_overlays(DESIGN)))
    assert runs["pilot"] == [(REFERENCE, "test", seed) for seed in range(PILOT)]
    assert runs["primary"][:REPLICATES] == [
        (REFERENCE, "test", seed) for seed in range(REPLICATES)
    ]
    arms = {key for key, _, _ in runs["primary"]}
    assert arms == {c[key] for c in PRIMARY for key in ("arm", "against")}
    assert runs["all"][: len(runs["primary"])] == runs["primary"]
    assert len(runs["all"]) == len(set(runs["all"])) == REPLICATES + 15 * PILOT


def test_a_config_without_claims_has_no_such_runs():
    assert not any(claim_runs(complete(read_overlays(DESIGN[:1]))).values())


def test_table_has_a_line_a_claim_and_those_without_verdict_below(finished):
    table = compared(finished, CLAIMS, PILOT)
    again = replicates(finished, PRIMARY, REFERENCE)
    lines = claims_markdown(table, PILOT, again).splitlines()
    border = next(line for line in lines if "border weight" in line)
    assert "| **supported** | V_Rand | +0.00" in border
    assert border.startswith("| The border weight separates touching cells (3) |")
    places = [line.startswith("| **Shown without verdict**") for line in lines]
    assert places.index(True) == 2 + len(PRIMARY)
    assert "fixed 8 pairs a claim" in lines[-1]
    assert "of 16 trainings of the reference with each other" in lines[-1]


def test_table_of_scores_has_every_endpoint_of_every_arm(finished):
    lines = scores_markdown(finished, CLAIMS, PILOT).splitlines()
    assert len(lines) == 2 + len(CLAIMS) + 2
    assert {line.count("|") for line in lines[:-2]} == {2 + len(NAMES) + 1}
    assert lines[-1].endswith(
        "AMD EPYC, 1 threads, bfloat16, torch 2.13.0+cpu (commit 0123456)."
    )


def test_figure_has_a_row_a_claim_with_its_margin_and_every_pair(finished):
    table = compared(finished, CLAIMS, PILOT)
    figure = draw_claims(table, PILOT)
    assert len(figure.axes) == len(PRIMARY)
    for axes, claim in zip(figure.axes, PRIMARY, strict=True):
        band = axes.patches[0]
        assert band.get_x() == -claim["margin"]
        assert band.get_width() == pytest.approx(2 * claim["margin"])
        _, dots, reach, mean = axes.lines
        expected = losses(finished, claim, claim["endpoint"])[:PILOT]
        assert dots.get_xdata().tolist() == expected.tolist()
        low, high = axes.get_xlim()
        assert low < min(dots.get_xdata()) and max(dots.get_xdata()) < high
        assert reach.get_xdata()[0] < mean.get_xdata()[0] < reach.get_xdata()[1]
    supported = next(a for a in figure.axes if "border weight" in a.get_title("left"))
    assert supported.get_title("left").startswith(SUPPORTED)
    assert to_hex(supported.lines[1].get_color()).upper() == COLOURS[SUPPORTED]


def test_names_on_the_axis_stand_apart_where_the_margin_is_narrow(finished):
    table = compared(finished, CLAIMS, PILOT)
    wide = table.assign(losses=[values + 1 for values in table["losses"]])
    for axes in draw_claims(wide, PILOT).axes:
        left, zero, right = axes.get_xticks()
        assert (left, zero) == (-right, 0)
        assert right > 0.4 * axes.get_xlim()[1]


def test_figure_without_rows_says_so():
    (axes,) = draw_claims(compared(rows(), CLAIMS, None), None).axes
    assert axes.texts[0].get_text() == NOTHING


@pytest.fixture
def program(tmp_path):
    """Return a function that runs both programs; return what they write."""

    def run(*options):
        names = {"csv": "csv", "markdown": "md", "scores": "scores.md"}
        files = {name: tmp_path / f"claims.{end}" for name, end in names.items()}
        outputs = [f"--{name}={path}" for name, path in files.items()]
        design = ["--design", *map(str, DESIGN)]
        table_claims.main([*design, *outputs, *options])
        figure = tmp_path / "claims.png"
        figure_claims.main(
            [*design, "--rows", str(files["csv"]), "--output", str(figure)]
        )
        return {name: path.read_text() for name, path in files.items()}, figure

    return run


def test_programs_gather_what_is_known_and_new(program, finished, described, tmp_path):
    known, runs = tmp_path / "known.csv", tmp_path / "runs.json"
    finished[finished["seed"] != 3].to_csv(known, index=False)
    runs.write_text(json.dumps([described]))
    written, figure = program("--known", str(known), "--runs", str(runs))
    assert "\nno-skip,3," in written["csv"]
    assert "not trained yet" in written["markdown"]  # the pilot lacks a training
    assert figure.stat().st_size


def test_programs_run_before_the_first_training(program):
    written, _ = program()
    assert written["csv"] == ",".join(COLUMNS) + "\n"
    assert written["markdown"].count("not trained yet") == len(PRIMARY)


@pytest.mark.skipif(not KNOWN.exists(), reason="no training of the claims so far")
def test_programs_make_the_committed_rows_page_and_figure(program):
    written, figure = program("--known", str(KNOWN))
    page = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    assert written["csv"] == KNOWN.read_text()
    assert written["markdown"] in page and written["scores"] in page
    assert figure.read_bytes() == (ROOT / "docs/images/claims.png").read_bytes()


@pytest.mark.skipif(not SEEDS.exists(), reason="the number of seeds is not fixed")
def test_the_committed_number_of_seeds_is_that_of_the_pilot():
    config = complete(read_overlays([*DESIGN, SEEDS]))
    fixed = pilot(read_rows(KNOWN, SHA256), PRIMARY, REFERENCE)
    assert len(config["run"]["seeds"]) == fixed
