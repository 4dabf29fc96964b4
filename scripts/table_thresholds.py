"""Score the test stack at thresholds chosen by cross-validation.

Beside them stand the scores at the best threshold on the test stack, as the
challenge defines them.
"""

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.scores import read_scores
from unet2015.experiments.thresholds import fixed_threshold_scores
from unet2015.report.threshold_tables import threshold_markdown


def main(argv: list[str] | None = None) -> None:
    """Read the scores of folds and test stack, write the table."""
    parser = cli.parser(__doc__, "scores csv markdown", fold_scores="tidy CSV")
    args = parser.parse_args(argv)
    folds, test = read_scores(args.fold_scores), read_scores(args.scores)
    table = fixed_threshold_scores(folds, test)
    write_csv(args.csv, table)
    write_text(args.markdown, threshold_markdown(table))


if __name__ == "__main__":
    cli.run(main)
