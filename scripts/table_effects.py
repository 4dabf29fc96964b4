"""Compare every experiment with the reference, or another one, run by run.

Mean difference with its 95 % interval, and whether that is better or worse, as a
table and as a figure.
"""

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.effects import add_pairs, effects, read_pairs
from unet2015.experiments.rows import read_rows
from unet2015.figures.forest import draw_forest
from unet2015.figures.style import add_output, save
from unet2015.report.effect_tables import effects_markdown

TEST_SPLIT = (
    "\nScored on the test stack: nothing may be chosen by these numbers, and one set "
    "of training slices says nothing of others.\n"
)


def main(argv: list[str] | None = None) -> None:
    """Read the rows, compare, write tables and figure."""
    parser = cli.parser(__doc__, "rows csv markdown")
    add_pairs(parser)
    add_output(parser)
    args = parser.parse_args(argv)
    rows = read_rows(args.rows)
    table = effects(rows, args.reference, read_pairs(args.against))
    text = effects_markdown(table, args.reference)
    if "test" in rows["split"].unique():
        text += TEST_SPLIT
    write_csv(args.csv, table, na_rep="nan")
    write_text(args.markdown, text)
    save(draw_forest(table, args.reference), args.output)


if __name__ == "__main__":
    cli.run(main)
