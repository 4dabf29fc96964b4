"""Draw slices beside truth, probability and segmentation (paper, figure 2)."""

from unet2015 import cli
from unet2015.data.splits import read_slices
from unet2015.data.stacks import read_image, read_labels, read_probability
from unet2015.figures.qualitative import draw_qualitative
from unet2015.figures.slice_choice import choose_slices
from unet2015.figures.style import add_output, save

SLICES = 3
"""Rows of the figure, at most."""


def main(argv: list[str] | None = None) -> None:
    """Read the stacks, choose slices, draw them."""
    parser = cli.parser(__doc__, "volume labels probability split")
    parser.add_argument("--title", default="", help="above the figure")
    parser.add_argument("--nm-per-pixel", type=float, help="draws a scale bar")
    add_output(parser)
    args = parser.parse_args(argv)
    volume, labels = read_image(args.volume), read_labels(args.labels)
    probability = read_probability(args.probability)
    scored = read_slices(args.split, "score", len(volume))
    rows = choose_slices(volume, labels, probability, scored, SLICES)
    save(draw_qualitative(rows, args.title, args.nm_per_pixel), args.output)


if __name__ == "__main__":
    cli.run(main)
