"""Gather scores along trainings: one row a snapshot and way of predicting.

Rows that are known from before (other machines, earlier trainings) stay, unless the
same snapshot was scored again.
"""

import sys
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.scores import read_runs
from unet2015.experiments.snapshots import (
    COLUMNS,
    NUMBERS,
    SERIES,
    joined,
    point,
    read_points,
)
from unet2015.report.curve_table import curve_markdown


def main(argv: list[str] | None = None) -> None:
    """Read known and new points, write all of them."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--points",
        type=Path,
        help=f"JSON list: {', '.join(SERIES)}, record (run.json of a snapshot), scores "
        "(JSON of evaluate.py)",
    )
    parser.add_argument(
        "--known", type=Path, nargs="*", default=[], help="CSV of this program"
    )
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = parser.parse_args(argv)
    listed = (
        read_runs(args.points, [*SERIES, "record", "scores"]) if args.points else []
    )
    rows = [row for row in map(point, listed) if row is not None]
    new = pd.DataFrame(rows, columns=COLUMNS)
    table = joined([*map(read_points, args.known), new.astype(NUMBERS)])
    markdown = curve_markdown(table)
    write_text(args.csv, table.to_csv(index=False, lineterminator="\n"))
    write_text(args.markdown, markdown)
    sys.stdout.write(markdown)


if __name__ == "__main__":
    cli.run(main)
