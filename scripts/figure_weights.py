"""Draw a sample's image, instances, mask and weight map (paper, figure 3).

The sample is drawn anew from its seed and index: the same that is trained on,
whether samples are stored or drawn during the training.
"""

from unet2015 import cli
from unet2015.data.adjacent_slices import middle
from unet2015.data.training_slices import read_statistics, read_training_slices
from unet2015.figures.style import add_output, save
from unet2015.figures.weight_panels import draw_weights
from unet2015.samples.on_the_fly import OnTheFlySamples
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Make one sample and draw it."""
    parser = cli.parser(__doc__, "volume labels split statistics augmentation weights")
    parser.add_argument("--seed", type=int, default=0, help="stream of samples")
    add_output(parser)
    args = parser.parse_args(argv)
    settings = read_settings(args.augmentation, "augmentation")
    samples = OnTheFlySamples(
        read_training_slices(args.volume, args.labels, args.split, settings),
        read_statistics(args.statistics).interior,
        args.seed,
        settings,
        read_settings(args.weights, "weights"),
    )
    drawn = samples[0]
    save(draw_weights(middle(drawn.image), drawn.labels, drawn.weights), args.output)


if __name__ == "__main__":
    cli.run(main)
