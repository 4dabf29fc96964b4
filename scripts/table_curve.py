"""Gather and draw scores along trainings: one row a snapshot and way of predicting.

Rows that are known from before (other machines, earlier trainings) stay, unless the
same snapshot was scored again.
"""

import sys
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.scores import read_runs
from unet2015.experiments.snapshots import (
    COLUMNS,
    NUMBERS,
    SERIES,
    joined,
    point,
    read_points,
)
from unet2015.figures.score_curves import draw_score_curves
from unet2015.figures.style import add_output, save
from unet2015.report.curve_table import curve_markdown


def main(argv: list[str] | None = None) -> None:
    """Read known and new points, write and draw all of them."""
    parser = cli.parser(__doc__, "csv markdown")
    parser.add_argument(
        "--points",
        type=Path,
        help=f"JSON list: {', '.join(SERIES)}, record (run.json of a snapshot), scores "
        "(JSON of evaluate.py)",
    )
    parser.add_argument(
        "--known", type=Path, nargs="*", default=[], help="CSV of this program"
    )
    parser.add_argument("--dataset", required=True, help="whether the paper scored it")
    add_output(parser)
    args = parser.parse_args(argv)
    listed = (
        read_runs(args.points, [*SERIES, "record", "scores"]) if args.points else []
    )
    rows = [row for row in map(point, listed) if row is not None]
    new = pd.DataFrame(rows, columns=COLUMNS)
    table = joined([*map(read_points, args.known), new.astype(NUMBERS)])
    markdown = curve_markdown(table)
    write_csv(args.csv, table)
    write_text(args.markdown, markdown)
    save(draw_score_curves(table, args.dataset), args.output)
    sys.stdout.write(markdown)


if __name__ == "__main__":
    cli.run(main)
