"""Put the timings of all parts into one table."""

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.benchmarks.timing_files import read_timings
from unet2015.report.markdown import markdown_table

HEAD = ["implementation", "role", "median", "lowest to highest", "runs", "ratio"]
ALIGNMENTS = ["left", "left", "right", "right", "right", "right"]
NOTE = (
    "Runs of the implementations of a task take turns, after one of each that does "
    "not count. Ratio: to the first row of the task. Peer: what a user would pick "
    "instead. Floor: work that cannot be avoided; where it is sgemm, its ratio is the "
    "fraction of the rate of a matrix product that ours reaches."
)
SECONDS = {"s": 1, "ms": 1e-3, "µs": 1e-6}


def main(argv: list[str] | None = None) -> None:
    """Read the tables of the parts, write them as one."""
    parser = cli.parser(__doc__, "csv markdown")
    parser.add_argument(
        "--timings",
        type=Path,
        nargs="+",
        required=True,
        help="CSV of benchmark_*.py, in the order of the table",
    )
    args = parser.parse_args(argv)
    table = pd.concat([read_timings(path) for path in args.timings], ignore_index=True)
    write_csv(args.csv, table)
    write_text(args.markdown, benchmarks_markdown(table))


def benchmarks_markdown(table: pd.DataFrame) -> str:
    """Return the table as Markdown, notes and machine beneath it."""
    rows = [HEAD]
    for (part, what), group in table.groupby(["part", "what"], sort=False):
        unit = group["unit"].iloc[0]
        rows.append([f"**{part}**: {what}, {unit}"] + [""] * (len(HEAD) - 1))
        rows += [cells(row, unit) for row in group.to_dict("records")]
    return "\n".join([markdown_table(rows, ALIGNMENTS), NOTE, "", *machines(table)])


def cells(row: dict, unit: str) -> list[str]:
    """Return the cells of one implementation."""
    quantity = unit.split()[0]
    median, lowest, highest = (
        number(row[key], quantity) for key in ("median", "lowest", "highest")
    )
    spread = f"{lowest} to {highest}" if row["runs"] > 1 else "one run"
    return [
        row["implementation"],
        row["role"],
        median,
        spread,
        str(row["runs"]),
        times(row["ratio"]),
    ]


def times(ratio: float) -> str:
    """Return a ratio, three digits, or a dash if there is none."""
    if math.isnan(ratio):
        return "–"
    return f"{ratio:.3g}" if ratio < 100 else f"{ratio:,.0f}"


def number(value: float, quantity: str) -> str:
    """Return a measured number with its unit, three digits.

    Examples
    --------
    >>> number(0.0096, "s"), number(14.13, "s"), number(544.2, "MiB")
    ('9.60 ms', '14.1 s', '544 MiB')
    """
    if quantity == "s":
        found = (name for name, size in SECONDS.items() if value >= size)
        quantity = next(found, "µs")
        value /= SECONDS[quantity]
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f} {quantity}"


def machines(table: pd.DataFrame) -> Iterator[str]:
    """Give a line for each machine that parts were timed on."""
    groups = table.groupby("machine", sort=False)["part"].unique()
    for machine, parts in groups.items():
        where = f" ({', '.join(parts)})" if len(groups) > 1 else ""
        yield f"Machine{where}: {machine}.\n"


if __name__ == "__main__":
    cli.run(main)
