"""Write table 1 of the paper with a row of our own.

Each score is the best over the thresholds on the test stack, as the challenge
defines it, then the mean over the seeds.
"""

import sys

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

NAME = "unet2015 (this workflow)"


def main(argv: list[str] | None = None) -> None:
    """Read the tidy scores, choose the best, write the table thrice."""
    parser = cli.parser(__doc__, "scores csv markdown latex")
    parser.add_argument("--experiment", required=True, help="whose scores are ours")
    parser.add_argument("--dataset", required=True, help="its name in the scores")
    parser.add_argument(
        "--submission", help="probability stack to name if the labels are unknown"
    )
    args = parser.parse_args(argv)
    scores = read_table(args.scores, RUN_COLUMNS + SCORE_COLUMNS)
    best = scores_of(scores, args.dataset, args.experiment)
    rows = table_rows(best, args.dataset, NAME)
    remark = note(len(best), args.dataset, args.submission)
    markdown = to_markdown(rows, remark)
    write_text(args.csv, to_csv(rows))
    write_text(args.markdown, markdown)
    write_text(args.latex, to_latex(rows, remark))
    sys.stdout.write(markdown)


if __name__ == "__main__":
    cli.run(main)
