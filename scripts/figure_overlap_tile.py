"""Draw what a tile sees and what it predicts (paper, figure 2)."""

from unet2015 import cli
from unet2015.data.splits import read_slices
from unet2015.data.stacks import read_image, read_probability
from unet2015.errors import InputError
from unet2015.figures.overlap_tile import choose_tiling, draw_overlap_tile
from unet2015.figures.style import THRESHOLD, add_output, save
from unet2015.network.layers import unet_layers
from unet2015.network.sizes import Sizes
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Read the first scored slice and its prediction; draw its first tile."""
    parser = cli.parser(__doc__, "volume probability split network inference")
    add_output(parser)
    args = parser.parse_args(argv)
    volume = read_image(args.volume)
    scored = read_slices(args.split, "score", len(volume))
    probability = read_probability(args.probability)
    expected = (len(scored), *volume.shape[1:])
    if probability.shape != expected:
        raise InputError(
            f"{args.probability} has shape {probability.shape}, expected {expected} "
            "(the scored slices of the volume); predict it with the same split"
        )
    network = read_settings(args.network, "network")
    inference = read_settings(args.inference, "inference")
    sizes = Sizes.of(unet_layers(**network))
    tiling = choose_tiling(volume.shape[1:], sizes, inference["tile"])
    cells = probability[0] > THRESHOLD
    save(
        draw_overlap_tile(volume[scored[0]], cells, tiling, inference["border"]),
        args.output,
    )


if __name__ == "__main__":
    cli.run(main)
