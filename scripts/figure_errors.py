"""Draw where the best and the worst slice err: splits, merges, pixels that count."""

from pathlib import Path

from matplotlib.figure import Figure

from unet2015 import cli
from unet2015.data.splits import read_slices
from unet2015.data.stacks import read_image, read_labels, read_probability
from unet2015.errors import InputError
from unet2015.experiments.scores import SCORE_COLUMNS, read_table
from unet2015.figures.error_panels import draw_errors
from unet2015.figures.slice_choice import (
    ShownSlice,
    best_and_worst,
    best_thresholds,
    choose_slices,
)
from unet2015.figures.style import add_output, draw_words, save

UNKNOWN = "the labels of this stack are not available: nobody can say where it errs"
UNSCORED = "the score table holds no scores: there are no errors to show"


def main(argv: list[str] | None = None) -> None:
    """Read stacks and scores, choose two slices, draw their errors."""
    parser = cli.parser(
        __doc__, "volume labels probability split", scores="CSV of evaluate.py --scores"
    )
    parser.add_argument("--nm-per-pixel", type=float, help="draws a scale bar")
    add_output(parser)
    args = parser.parse_args(argv)
    volume = read_image(args.volume)
    labels = read_labels(args.labels)
    probability = read_probability(args.probability)
    scored = read_slices(args.split, "score", len(volume))
    # All of them: the scores tell which are shown.
    rows = choose_slices(volume, labels, probability, scored, len(scored))
    save(figure(rows, args.scores, args.nm_per_pixel), args.output)


def figure(rows: list[ShownSlice], scores: Path, nm_per_pixel: float | None) -> Figure:
    """Draw the best and the worst slice, or say why there are none.

    Raises
    ------
    InputError
        If the score table is of other slices.
    """
    table = read_table(scores, SCORE_COLUMNS)
    if rows[0].labels is None:
        return draw_words(UNKNOWN)
    if table.empty:
        return draw_words(UNSCORED)
    thresholds = best_thresholds(table)
    shown = best_and_worst(table, thresholds)
    known = {row.slice: row for row in rows}
    for chosen in shown:
        if chosen.slice not in known:
            raise InputError(
                f"{scores} scores slice {chosen.slice}, expected one of "
                f"{', '.join(map(str, known))} (the scored slices of the split); give "
                "the score table of the same split"
            )
    return draw_errors(
        [known[chosen.slice] for chosen in shown],
        shown,
        {metric: float(threshold) for metric, threshold in thresholds.items()},
        nm_per_pixel,
    )


if __name__ == "__main__":
    cli.run(main)
