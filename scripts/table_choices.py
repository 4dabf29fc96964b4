"""Tell which experiments may take the place of the reference, by held-out slices."""

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.experiments.choices import choices
from unet2015.experiments.effects import add_pairs, read_pairs
from unet2015.experiments.rows import read_rows
from unet2015.report.effect_tables import choices_markdown


def main(argv: list[str] | None = None) -> None:
    """Read the rows, compare, write the table."""
    parser = cli.parser(__doc__, "rows csv markdown")
    add_pairs(parser)
    args = parser.parse_args(argv)
    table = choices(read_rows(args.rows), args.reference, read_pairs(args.against))
    write_csv(args.csv, table)
    write_text(args.markdown, choices_markdown(table, args.reference))


if __name__ == "__main__":
    cli.run(main)
