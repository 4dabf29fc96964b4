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


def main() -> None:
    """Read the scores of folds and test stack, write the table."""
    parser = cli.parser(__doc__)
    parser.add_argument("--folds", type=Path, required=True, help="tidy CSV")
    parser.add_argument("--test", type=Path, required=True, help="tidy CSV")
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = cli.arguments(parser)
    table = fixed_threshold_scores(read_scores(args.folds), read_scores(args.test))
    write_text(args.csv, table.to_csv(index=False, lineterminator="\n"))
    write_text(args.markdown, threshold_markdown(table))


if __name__ == "__main__":
    cli.run(main)
