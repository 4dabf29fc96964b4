"""Draw the effect of each experiment on each metric, with its 95 % interval."""

from pathlib import Path

from unet2015 import cli
from unet2015.experiments.effects import read_effects
from unet2015.figures.forest import draw_forest
from unet2015.figures.style import add_output, save


def main(argv: list[str] | None = None) -> None:
    """Read the effects and draw them."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--effects", type=Path, required=True, help="CSV of table_effects.py"
    )
    parser.add_argument("--reference", required=True, help="experiment compared with")
    add_output(parser)
    args = parser.parse_args(argv)
    save(draw_forest(read_effects(args.effects), args.reference), args.output)


if __name__ == "__main__":
    cli.run(main)
