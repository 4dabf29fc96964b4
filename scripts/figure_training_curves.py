"""Draw loss and learning rate of one or more trainings, also of running ones.

A running training writes its history beside its checkpoint, every minute.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.figures.style import add_output, save
from unet2015.figures.training_curves import draw_training_curves, read_history


def main(argv: list[str] | None = None) -> None:
    """Read the histories and draw them."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--history", type=Path, nargs="+", required=True, help="CSV of train.py"
    )
    parser.add_argument(
        "--names", nargs="+", help="one a history; else the two folders that it is in"
    )
    add_output(parser)
    args = parser.parse_args(argv)
    histories = [read_history(path) for path in args.history]
    names = args.names or ["/".join(path.parts[-3:-1]) for path in args.history]
    save(draw_training_curves(histories, names), args.output)


if __name__ == "__main__":
    cli.run(main)
