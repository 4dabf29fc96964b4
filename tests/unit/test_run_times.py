import pandas as pd
import pytest
from training_files import call

import table_run_times
from unet2015.errors import InputError
from unet2015.report.run_times import read_measurements, run_times_markdown

HEAD = "s h:m:s max_rss max_vms max_uss max_pss io_in io_out mean_load cpu_time"


def measured(folder, stage, seed, seconds, memory="1500.5", load="190.2"):
    """Write a measurement as Snakemake does."""
    path = folder / f"results/phantom/benchmarks/{stage}/fold0/seed{seed}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = f"{seconds}\t0:01:00\t{memory}\t1\t1\t1\t0\t0\t{load}\t9.5"
    path.write_text("\t".join(HEAD.split()) + f"\n{line}\n")
    return path


def test_runs_are_gathered_by_stage_in_the_order_of_the_data(tmp_path):
    paths = [
        measured(tmp_path, "train", 0, 60),
        measured(tmp_path, "train", 1, 90.5, memory="2500"),
        measured(tmp_path, "augment", 0, 2),
    ]
    stages = read_measurements([*paths, tmp_path / "benchmarks/predict/none.tsv"])
    assert [*stages] == ["augment", "train"]
    assert [*stages["train"]["s"]] == [60, 90.5]
    lines = run_times_markdown(stages).splitlines()
    assert lines[2] == "| draw the samples | 1 | 2.0 s | 1.5 GB | 1.9 |"
    assert lines[3] == "| training | 2 | 1 min 15 s | 2.5 GB | 1.9 |"


@pytest.mark.parametrize("missing", ["NA", "-"])
def test_too_short_to_be_measured_is_a_dash(tmp_path, missing):
    path = measured(tmp_path, "weights", 0, 0.31, memory=missing, load=missing)
    line = run_times_markdown(read_measurements([path])).splitlines()[2]
    assert line == "| weight maps | 1 | 0.3 s | – | – |"


def test_what_a_cache_may_give_has_seconds_alone(tmp_path):
    path = tmp_path / "benchmarks/augment/fold0/seed0.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"seconds": 75.5}')
    line = run_times_markdown(read_measurements([path])).splitlines()[2]
    assert line == "| draw the samples | 1 | 1 min 16 s | – | – |"
    path.write_text('{"minutes": 1}')
    with pytest.raises(InputError, match=r"seed0.json is no measurement"):
        read_measurements([path])


def test_file_of_no_stage_is_refused(tmp_path):
    with pytest.raises(InputError, match="is of no stage, expected a folder statis"):
        read_measurements([tmp_path / "seed0.tsv"])


@pytest.mark.parametrize("text", ["", "s\n", "s\tmax_rss\n1\t2\n", "\0\1"])
def test_damaged_file_is_refused(tmp_path, text):
    path = measured(tmp_path, "train", 0, 1)
    path.write_text(text)
    if text == "s\n":
        path.write_text("s\tmax_rss\tmean_load\nten\t1\t1\n")
    with pytest.raises(InputError, match=r"seed0.tsv is no measurement"):
        read_measurements([path])


def test_program_writes_the_table(tmp_path):
    path = measured(tmp_path, "evaluate", 3, 12)
    output = tmp_path / "t.md"
    call(table_run_times, {"benchmarks": path, "output": output})
    assert "| metrics | 1 | 12.0 s |" in output.read_text()
    assert run_times_markdown({}).count("\n") == 2
    assert isinstance(read_measurements([path])["evaluate"], pd.DataFrame)
