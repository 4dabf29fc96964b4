"""Score the test stack at thresholds chosen by cross-validation.

Beside them stand the scores at the best threshold on the test stack, as the
challenge defines them.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.scores import read_scores
from unet2015.experiments.thresholds import fixed_threshold_scores
from unet2015.report.threshold_tables import threshold_markdown


def main(argv: list[str] | None = None) -> None:
    """Read the scores of folds and test stack, write the table."""
    parser = cli.parser(__doc__)
    parser.add_argument("--fold-scores", type=Path, required=True, help="tidy CSV")
    parser.add_argument("--scores", type=Path, required=True, help="tidy CSV")
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = parser.parse_args(argv)
    folds, test = read_scores(args.fold_scores), read_scores(args.scores)
    table = fixed_threshold_scores(folds, test)
    write_text(args.csv, table.to_csv(index=False, lineterminator="\n"))
    write_text(args.markdown, threshold_markdown(table))


if __name__ == "__main__":
    cli.run(main)
