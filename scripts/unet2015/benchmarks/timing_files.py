"""Timings as files, and what the programs that write them share."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_csv
from unet2015.benchmarks.machine import machine
from unet2015.benchmarks.timing import COLUMNS
from unet2015.errors import InputError
from unet2015.experiments.scores import read_strings

NUMBERS = {"runs": int} | dict.fromkeys(COLUMNS[6:], float)
"""Columns that are no text."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how often to run, on how many threads, what, and where to write."""
    parser.add_argument("--repeats", type=cli.at_least_one, default=3)
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    parser.add_argument(
        "--no-peers", action="store_true", help="without those of envs/benchmark.lock"
    )
    parser.add_argument("--csv", type=Path, required=True, help="output")


def write_timings(path: Path, tables: Sequence[pd.DataFrame], threads: int) -> None:
    """Write tables of timings as one CSV, with the machine that they are from.

    Parameters
    ----------
    path : Path
        The CSV: `COLUMNS` and `machine`.
    tables : sequence of DataFrame
        See :func:`unet2015.benchmarks.timing.interleaved`.
    threads : int
        That the contenders might use.
    """
    table = pd.concat(tables, ignore_index=True).assign(machine=machine(threads))
    write_csv(path, table)


def read_timings(path: Path) -> pd.DataFrame:
    """Read the CSV of :func:`write_timings`.

    Raises
    ------
    InputError
        If it cannot be read, has other columns or no rows.
    """
    table = read_strings(path)
    expected = [*COLUMNS, "machine"]
    if list(table.columns) != expected or table.empty:
        raise InputError(
            f"{path} has {len(table)} rows and the columns {', '.join(table.columns)}, "
            f"expected at least one row and {', '.join(expected)}; write it by a "
            "program named benchmark_*.py"
        )
    for name in table:
        if name not in NUMBERS and (table[name].str.strip() == "").any():
            raise InputError(
                f"{path} lacks {name!r} in a row, expected a text; write it by a "
                "program named benchmark_*.py"
            )
    try:
        return table.replace({"ratio": {"": "nan"}}).astype(NUMBERS)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{path} holds text for a number ({error}), expected numbers in "
            f"{', '.join(NUMBERS)}; write it by a program named benchmark_*.py"
        ) from error
