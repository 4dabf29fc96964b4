"""Draw a sample's image, instances, mask and weight map (paper, figure 3)."""

from pathlib import Path

from unet2015 import cli
from unet2015.figures.style import save
from unet2015.figures.weights import check_sample, draw
from unet2015.samples import open_samples


def main() -> None:
    """Read one sample and draw it."""
    parser = cli.parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="uint8 .npy")
    parser.add_argument("--labels", type=Path, required=True, help="uint8 .npy")
    parser.add_argument("--weights", type=Path, required=True, help="float16 .npy")
    parser.add_argument("--sample", type=int, default=0, help="0-based index")
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help=".png, .pdf or .svg"
    )
    args = cli.arguments(parser)
    samples = open_samples(args.images, args.labels, args.weights)
    index = check_sample(args.sample, len(samples.images))
    save(draw(*(array[index] for array in samples)), args.output)


if __name__ == "__main__":
    cli.run(main)
