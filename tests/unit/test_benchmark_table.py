import math

import pytest

import table_benchmarks as program
from unet2015.benchmarks.timing import Contender, summary
from unet2015.benchmarks.timing_files import write_timings


def timings(part, values, unit="s per slice", what="a slice"):
    roles = ["ours", "peer", "floor"][: len(values)]
    contenders = [Contender(f"{part} {role}", role, print) for role in roles]
    return summary(contenders, values, part=part, what=what, unit=unit)


@pytest.fixture
def run(tmp_path):
    """Run the program on tables; return the Markdown."""

    def run(*tables):
        paths = [tmp_path / f"{number}.csv" for number in range(len(tables))]
        for path, table in zip(paths, tables, strict=True):
            write_timings(path, [table], threads=2)
        words = ["--timings", *paths, "--csv", tmp_path / "all.csv"]
        words += ["--markdown", tmp_path / "all.md"]
        program.main([*map(str, words)])
        return (tmp_path / "all.md").read_text()

    return run


def test_parts_are_groups_of_one_table(run, tmp_path):
    weights = timings("weights", [[0.01, 0.02, 0.03], [4.0], [0.005, 0.005]])
    memory = timings("weights", [[9.25], [544]], "MiB per slice", "memory of a slice")
    metrics = timings("metrics", [[2], [5000]])
    lines = run(weights, memory, metrics).splitlines()
    assert lines[2:12] == [
        "| **weights**: a slice, s per slice |  |  |  |  |  |",
        "| weights ours | ours | 20.0 ms | 10.0 ms to 30.0 ms | 3 | 1 |",
        "| weights peer | peer | 4.00 s | one run | 1 | 200 |",
        "| weights floor | floor | 5.00 ms | 5.00 ms to 5.00 ms | 2 | 0.25 |",
        "| **weights**: memory of a slice, MiB per slice |  |  |  |  |  |",
        "| weights ours | ours | 9.25 MiB | one run | 1 | 1 |",
        "| weights peer | peer | 544 MiB | one run | 1 | 58.8 |",
        "| **metrics**: a slice, s per slice |  |  |  |  |  |",
        "| metrics ours | ours | 2.00 s | one run | 1 | 1 |",
        "| metrics peer | peer | 5000 s | one run | 1 | 2,500 |",
    ]
    assert sum(line.startswith("Machine: ") for line in lines) == 1
    assert (tmp_path / "all.csv").read_text().count("\n") == 1 + 3 + 2 + 2


def test_parts_from_different_machines_say_so():
    table = timings("weights", [[1.0]]).assign(machine="old")
    other = timings("metrics", [[1.0]]).assign(machine="new")
    both = program.pd.concat([table, other])
    assert list(program.machines(both)) == [
        "Machine (weights): old.\n",
        "Machine (metrics): new.\n",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.00 µs"),
        (4.2e-7, "0.42 µs"),
        (9.6e-3, "9.60 ms"),
        (0.999, "999 ms"),
        (1, "1.00 s"),
        (14.13, "14.1 s"),
        (9.996, "10.0 s"),
        (99.96, "100 s"),
        (5577, "5577 s"),
    ],
)
def test_times_have_three_digits(value, shown):
    assert program.number(value, "s") == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(1.0, "1"), (2.345, "2.35"), (1913.2, "1,913"), (math.nan, "–")],
)
def test_ratios_have_three_digits_or_are_missing(ratio, shown):
    assert program.times(ratio) == shown
