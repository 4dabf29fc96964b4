"""Compare every experiment with the reference, or another one, slice by slice.

Mean difference with its 95 % interval, and whether that is better or worse, as a
table and as a figure.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.effects import effects, training_rows
from unet2015.experiments.scores import read_scores
from unet2015.figures.forest import draw_forest
from unet2015.figures.style import add_output, save
from unet2015.report.effect_tables import effects_markdown

TEST_SPLIT = (
    "\nScored on the test stack: nothing may be chosen by these numbers, and one set "
    "of training slices says nothing of others.\n"
)


def main(argv: list[str] | None = None) -> None:
    """Read the tidy table, compare, write tables and figure."""
    parser = cli.parser(__doc__, "scores csv markdown")
    parser.add_argument("--reference", required=True, help="experiment compared with")
    parser.add_argument(
        "--against",
        nargs="*",
        default=[],
        metavar="EXPERIMENT=OTHER",
        help="compare it with that one instead",
    )
    parser.add_argument("--rows", type=Path, help="output, one row a training")
    add_output(parser)
    args = parser.parse_args(argv)
    scores = read_scores(args.scores)
    against = dict(pair.split("=") for pair in args.against)
    table = effects(scores, args.reference, against)
    text = effects_markdown(table, args.reference)
    if "test" in scores["split"].unique():
        text += TEST_SPLIT
    if args.rows:
        write_csv(args.rows, training_rows(scores))
    write_csv(args.csv, table, na_rep="nan")
    write_text(args.markdown, text)
    save(draw_forest(table, args.reference), args.output)


if __name__ == "__main__":
    cli.run(main)
