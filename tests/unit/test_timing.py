import itertools
import math

import numpy as np
import pandas as pd
import pytest

from unet2015.benchmarks import machine
from unet2015.benchmarks.peak_memory import can_measure, peak_rise
from unet2015.benchmarks.timing import COLUMNS, Contender, interleaved, summary
from unet2015.benchmarks.timing_files import read_timings, write_timings
from unet2015.errors import InputError
from unet2015.network.processor import processor
from unet2015.report.markdown import markdown_table

NAMES = {"part": "loss", "what": "a tile", "unit": "s per tile"}


class Clock:
    """A clock that only the contenders move."""

    def __init__(self):
        self.now = 0.0
        self.calls = []

    def __call__(self):
        return self.now

    def contender(self, name, role, seconds, **options):
        """Return a contender whose runs take the seconds given, one after another."""
        durations = itertools.chain([100.0], seconds)  # the warm-up takes longest
        if not options.get("warm_up", True):
            next(durations)

        def run():
            self.calls.append(name)
            self.now += next(durations)

        return Contender(name, role, run, **options)


@pytest.fixture
def clock():
    return Clock()


def test_contenders_take_turns_after_a_warm_up(clock):
    contenders = [
        clock.contender("a", "ours", [1, 1, 1]),
        clock.contender("b", "peer", [1, 1, 1]),
        clock.contender("c", "peer", [1], repeats=1, warm_up=False),
    ]
    table = interleaved(contenders, 3, clock=clock, **NAMES)
    assert "".join(clock.calls) == "ab" + "abc" + "ab" + "ab"
    assert list(table["runs"]) == [3, 3, 1]


def test_median_and_spread_are_per_unit_and_without_the_warm_up(clock):
    contenders = [
        clock.contender("a", "ours", [2, 8, 4], units=2),
        clock.contender("b", "floor", [1, 1, 7]),
    ]
    table = interleaved(contenders, 3, clock=clock, **NAMES)
    assert list(table.columns) == COLUMNS
    assert list(table["median"]) == [2, 1]
    assert list(table["lowest"]) == [1, 1]
    assert list(table["highest"]) == [4, 7]
    assert list(table["ratio"]) == [1, 0.5]
    assert list(table["implementation"]) == ["a", "b"]
    assert list(table["role"]) == ["ours", "floor"]
    assert set(table["unit"]) == {"s per tile"}


def test_ratio_is_to_the_first_of_ours_wherever_it_stands(clock):
    contenders = [
        clock.contender("a", "peer", [6]),
        clock.contender("b", "ours", [2]),
        clock.contender("c", "ours", [1]),
    ]
    table = interleaved(contenders, 1, clock=clock, **NAMES)
    assert list(table["ratio"]) == [3, 1, 0.5]


def test_there_is_no_ratio_to_nothing():
    contenders = [Contender("a", "ours", print), Contender("b", "peer", print)]
    assert summary(contenders, [[0, 0], [4, 5]], **NAMES)["ratio"].isna().all()


def test_comparison_without_ours_is_refused(clock):
    with pytest.raises(ValueError, match="'ours'"):
        interleaved([clock.contender("a", "peer", [1])], 1, clock=clock, **NAMES)


def test_no_repeats_are_refused(clock):
    with pytest.raises(ValueError, match="repeats is 0"):
        interleaved([clock.contender("a", "ours", [])], 0, clock=clock, **NAMES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"role": "theirs"}, "role is 'theirs'"),
        ({"units": 0}, "units is 0"),
        ({"units": math.nan}, "units is nan"),
        ({"repeats": 0}, "repeats is 0"),
    ],
)
def test_impossible_contender_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Contender(**{"name": "a", "role": "ours", "run": print, **options})


def timings(**columns):
    contenders = [Contender("a", "ours", print), Contender("b", "peer", print)]
    return summary(contenders, [[1, 2, 3], [4]], **{**NAMES, **columns})


def test_tables_survive_their_file(tmp_path):
    path = tmp_path / "times.csv"
    write_timings(path, [timings(), timings(what="two tiles")], threads=2)
    table = read_timings(path)
    assert list(table["what"]) == ["a tile"] * 2 + ["two tiles"] * 2
    assert list(table["median"]) == [2, 4, 2, 4]
    assert table["machine"].str.contains("2 used").all()


@pytest.mark.parametrize("text", ["part,what\nloss,tile\n", ",".join(COLUMNS), ""])
def test_other_tables_are_refused(tmp_path, text):
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(InputError, match=r"times\.csv"):
        read_timings(tmp_path / "times.csv")


def test_table_without_rows_is_refused(tmp_path):
    path = tmp_path / "times.csv"
    pd.DataFrame(columns=[*COLUMNS, "machine"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="0 rows"):
        read_timings(path)


TWO_CORES = "".join(
    f"processor\t: {k}\nmodel name\t: Fast CPU @ 2 GHz\nphysical id\t: 0\n"
    f"core id\t\t: {k // 2}\n\n"
    for k in range(4)
)


def test_processor_and_cores_are_those_of_the_system_table(tmp_path):
    table = tmp_path / "cpuinfo"
    table.write_text(TWO_CORES)
    assert processor(table) == "Fast CPU @ 2 GHz"
    assert machine.cores(table) == 2
    table.write_text(TWO_CORES.replace("physical id\t: 0", "physical id\t: 1", 1))
    assert machine.cores(table) == 3


def test_other_systems_have_no_such_table(tmp_path):
    assert processor(tmp_path / "none")
    assert machine.cores(tmp_path / "none") == 0


def test_machine_names_threads_memory_and_libraries(monkeypatch):
    monkeypatch.setattr(machine, "memory", lambda: 24 * 2**30)
    text = machine.machine(7)
    assert "7 used" in text
    assert "24 GiB" in text
    assert f"numpy {np.__version__}" in text


def test_packages_that_are_not_installed_are_left_out():
    found = machine.versions(["numpy", "no-such-package"])
    assert found == {"numpy": np.__version__}


def test_markdown_table_is_aligned_and_keeps_its_columns():
    rows = [["method", "error"], ["a|b", "1"], ["c", "2"]]
    text = "| method | error |\n| --- | ---: |\n| a/b | 1 |\n| c | 2 |\n"
    assert markdown_table(rows, ["left", "right"]) == text


def test_markdown_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="has 1 cells, expected 2"):
        markdown_table([["method", "error"], ["a"]], ["left", "right"])


@pytest.mark.skipif(not can_measure(), reason="the peak is told by Linux alone")
def test_peak_counts_arrays_that_are_freed_again():
    mebibytes = 64
    calls = []

    def run():
        calls.append(np.ones((mebibytes, 2**20), np.uint8).sum())

    assert peak_rise(run) == pytest.approx(mebibytes, abs=4)
    assert len(calls) == 2


@pytest.mark.skipif(not can_measure(), reason="the peak is told by Linux alone")
def test_peak_does_not_count_the_first_call():
    sizes = iter([2**27, 2**20])
    assert peak_rise(lambda: np.ones(next(sizes), np.uint8).sum()) < 16


@pytest.mark.parametrize(
    ("texts", "bound"),
    [(["1000\n"], 1000), (["max\n"], None), (["max", "2000"], 2000), ([], None)],
)
def test_memory_is_that_of_the_container(tmp_path, texts, bound):
    whole = machine.memory([])
    limits = [tmp_path / str(number) for number in range(3)]
    for path, text in zip(limits, texts, strict=False):
        path.write_text(text)
    assert machine.memory(limits) == (bound or whole)


@pytest.mark.parametrize(
    ("visible", "count"), [("", 0), ("-1", 0), ("0", 1), ("0,3", 2), ("GPU-a,GPU-b", 2)]
)
def test_cards_are_those_that_are_visible(monkeypatch, visible, count):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert machine.graphics_cards() == count


def test_cards_are_counted_by_the_driver(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.graphics_cards() == 0
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'GPU 0: H100 (UUID: a)'\necho 'GPU 1: H100'\n")
    driver.chmod(0o755)
    assert machine.graphics_cards() == 2
