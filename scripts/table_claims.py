"""Gather the trainings that test claims, one row each, and give the verdicts.

Rows that are known from before (other machines, earlier trainings) stay, unless the
same arm was trained again with the same seed; rows of another design are refused.
"""

import sys
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.claims import (
    COLUMNS,
    NUMBERS,
    compared,
    joined,
    pilot,
    read_rows,
    replicates,
    row,
)
from unet2015.experiments.design import add_design, read_design
from unet2015.experiments.scores import read_runs
from unet2015.report.claim_tables import claims_markdown, scores_markdown


def main(argv: list[str] | None = None) -> None:
    """Read known and new rows, decide, write all of them and both tables."""
    parser = cli.parser(
        __doc__,
        csv="output, rows",
        markdown="output, verdicts",
        scores="output, Markdown",
    )
    add_design(parser)
    parser.add_argument(
        "--runs",
        type=Path,
        help="JSON list: arm, seed, record (run.json of train.py), scores (JSON of "
        "score_further.py)",
    )
    parser.add_argument(
        "--known", type=Path, nargs="*", default=[], help="CSV of this program"
    )
    args = parser.parse_args(argv)
    claims, reference, design = read_design(args.design)
    listed = read_runs(args.runs, ["arm", "seed"]) if args.runs else []
    new = [found for run in listed if (found := row(run, design)) is not None]
    known = [read_rows(path, design) for path in args.known]
    rows = joined([*known, pd.DataFrame(new, columns=COLUMNS).astype(NUMBERS)])
    seeds = pilot(rows, claims, reference)
    markdown = claims_markdown(
        compared(rows, claims, seeds), seeds, replicates(rows, claims, reference)
    )
    write_csv(args.csv, rows)
    write_text(args.markdown, markdown)
    write_text(args.scores, scores_markdown(rows, claims, seeds))
    sys.stdout.write(markdown)


if __name__ == "__main__":
    cli.run(main)
