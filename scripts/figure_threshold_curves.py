"""Draw the five scores against the threshold, with the best and the chosen one."""

from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.experiments.scores import read_scores
from unet2015.figures.style import add_output, save
from unet2015.figures.threshold_curves import draw_threshold_curves


def main(argv: list[str] | None = None) -> None:
    """Read the scores of test stack and folds and draw them."""
    parser = cli.parser(__doc__, "scores")
    parser.add_argument(
        "--fold-scores", type=Path, nargs="*", default=[], help="those of the folds"
    )
    add_output(parser)
    args = parser.parse_args(argv)
    test = read_scores(args.scores)
    folds = [read_scores(path) for path in args.fold_scores]
    save(draw_threshold_curves(test, pd.concat([test.iloc[:0], *folds])), args.output)


if __name__ == "__main__":
    cli.run(main)
