"""Write table 1 of the paper with rows of our own.

Each score is the best over the thresholds on the test stack, as the challenge
defines it, then the mean over the seeds.
"""

import sys
from argparse import Namespace

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.scores import RUN_COLUMNS, SCORE_COLUMNS, read_table
from unet2015.report.table1 import (
    note,
    scores_of,
    table_rows,
    to_csv,
    to_latex,
    to_markdown,
)


def main(argv: list[str] | None = None) -> None:
    """Read the tidy scores, choose the best, write the table thrice."""
    parser = cli.parser(__doc__, "scores csv markdown latex")
    parser.add_argument(
        "--experiments", required=True, nargs="+", help="whose scores are ours"
    )
    parser.add_argument(
        "--partitioned", nargs="*", default=[], help="which of them are partitioned"
    )
    parser.add_argument("--dataset", required=True, help="its name in the scores")
    parser.add_argument(
        "--submission", help="probability stack to name if the labels are unknown"
    )
    args = parser.parse_args(argv)
    scores = read_table(args.scores, RUN_COLUMNS + SCORE_COLUMNS)
    ours = {
        _name(each, args): scores_of(scores, args.dataset, each)
        for each in args.experiments
    }
    rows = table_rows(ours, args.dataset)
    seeds = max(map(len, ours.values()))
    remark = note(seeds, args.dataset, args.submission, len(ours))
    markdown = to_markdown(rows, remark)
    write_text(args.csv, to_csv(rows))
    write_text(args.markdown, markdown)
    write_text(args.latex, to_latex(rows, remark))
    sys.stdout.write(markdown)


def _name(experiment: str, args: Namespace) -> str:
    """Return what the row of an experiment is called."""
    parts = ["unet2015 (this workflow)"]
    if experiment != args.experiments[0]:
        parts = ["unet2015,", experiment]
    return " ".join([*parts, *["with partitioning"] * (experiment in args.partitioned)])


if __name__ == "__main__":
    cli.run(main)
