"""Draw the U-Net of some settings below the paper's, after the paper's figure 1.

Every number comes from the layers that the network is made of. Without settings the
paper's network is drawn alone.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.figures.architecture import draw_architecture
from unet2015.figures.feature_maps import Architecture, read_architecture
from unet2015.figures.style import add_output, save
from unet2015.settings import read_settings

PAPER_SIDE = 572


def main(argv: list[str] | None = None) -> None:
    """Follow an image through each network and draw what it meets."""
    parser = cli.parser(__doc__)
    parser.add_argument("--network", type=Path, help="JSON; else the paper's only")
    parser.add_argument("--side", type=int, default=PAPER_SIDE, help="of the input, px")
    parser.add_argument(
        "--channels", type=cli.at_least_one, default=1, help="slices that it sees"
    )
    parser.add_argument("--name", default="these settings", help="of the network")
    add_output(parser)
    args = parser.parse_args(argv)
    own = read_settings(args.network, "network") if args.network else {}
    own["in_channels"] = args.channels
    save(draw_architecture(shown(own, args.side, args.name)), args.output)


def shown(network: dict, side: int, name: str) -> dict[str, Architecture]:
    """Return the paper's network and another by title; one if they look the same."""
    paper = read_architecture({}, PAPER_SIDE)
    own = read_architecture(network, side)
    title = "The U-Net of the paper"
    if own.levels == paper.levels and own.parameters == paper.parameters:
        return {title: own}
    return {title: paper, f"The U-Net of {name}": own}


if __name__ == "__main__":
    cli.run(main)
