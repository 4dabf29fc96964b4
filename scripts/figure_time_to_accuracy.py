"""Draw V_Rand and V_Info on held-out slices against minutes of training."""

from unet2015 import cli
from unet2015.experiments.rows import read_rows
from unet2015.experiments.time_to_accuracy import points
from unet2015.figures.accuracy_plot import draw_time_to_accuracy
from unet2015.figures.style import add_output, save


def main(argv: list[str] | None = None) -> None:
    """Read the rows and draw those of the named experiments."""
    parser = cli.parser(__doc__, "rows")
    parser.add_argument(
        "--experiments", nargs="+", required=True, help="that differ in steps alone"
    )
    add_output(parser)
    args = parser.parse_args(argv)
    found = points(read_rows(args.rows), args.experiments)
    save(draw_time_to_accuracy(found), args.output)


if __name__ == "__main__":
    cli.run(main)
