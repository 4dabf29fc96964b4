"""Compare experiments: mean and standard deviation of each score over runs."""

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.rows import read_rows, summarise
from unet2015.report.effect_tables import summary_markdown


def main(argv: list[str] | None = None) -> None:
    """Read the rows, write the summary."""
    parser = cli.parser(__doc__, "rows csv markdown")
    args = parser.parse_args(argv)
    summary = summarise(read_rows(args.rows))
    write_text(args.csv, summary.to_csv())
    write_text(args.markdown, summary_markdown(summary))


if __name__ == "__main__":
    cli.run(main)
