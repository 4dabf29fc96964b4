"""Draw the five scores along trainings against steps, pixels and hours."""

from pathlib import Path

from unet2015 import cli
from unet2015.experiments.snapshots import read_points
from unet2015.figures.score_curves import draw_score_curves
from unet2015.figures.style import add_output, save


def main(argv: list[str] | None = None) -> None:
    """Read the points and draw them."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--curve", type=Path, required=True, help="CSV of table_curve.py"
    )
    parser.add_argument("--dataset", required=True, help="whether the paper scored it")
    add_output(parser)
    args = parser.parse_args(argv)
    save(draw_score_curves(read_points(args.curve), args.dataset), args.output)


if __name__ == "__main__":
    cli.run(main)
