"""Draw how an augmented training sample is made, and some more samples."""

from unet2015 import cli
from unet2015.data.training_slices import read_training_slices
from unet2015.figures.augmentation_panels import draw_augmentation
from unet2015.figures.style import add_output, save
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Read the training slices and draw the first samples of a stream."""
    parser = cli.parser(__doc__, "volume labels split augmentation")
    parser.add_argument("--seed", type=int, default=0, help="stream of samples")
    add_output(parser)
    args = parser.parse_args(argv)
    settings = read_settings(args.augmentation, "augmentation")
    slices = read_training_slices(args.volume, args.labels, args.split, settings)
    figure = draw_augmentation(slices.images, slices.labels, args.seed, settings)
    save(figure, args.output)


if __name__ == "__main__":
    cli.run(main)
