"""Draw how an augmented training sample is made, and some more samples."""

from pathlib import Path

from unet2015 import cli
from unet2015.errors import InputError
from unet2015.figures.augmentation import draw_augmentation
from unet2015.figures.style import save
from unet2015.settings import read_json
from unet2015.stacks import read_image, read_labels


def main() -> None:
    """Read the training slices and draw the first samples of a stream."""
    parser = cli.parser(__doc__)
    parser.add_argument("--volume", type=Path, required=True, help="image TIFF")
    parser.add_argument("--labels", type=Path, required=True, help="label TIFF")
    parser.add_argument("--split", type=Path, required=True, help="JSON of split.py")
    parser.add_argument("--settings", type=Path, required=True, help="JSON")
    parser.add_argument("--seed", type=int, default=0, help="stream of samples")
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help=".png, .pdf or .svg"
    )
    args = cli.arguments(parser)
    volume, labels = read_image(args.volume), read_labels(args.labels)
    chosen = read_json(args.split)["train"]["slices"]
    if labels.shape != volume.shape or max(chosen) >= len(volume):
        raise InputError(
            f"volume {volume.shape}, labels {labels.shape} and training slices up to "
            f"{max(chosen)} do not fit each other; give the stack that the split names"
        )
    settings = read_json(args.settings)
    figure = draw_augmentation(volume[chosen], labels[chosen], args.seed, settings)
    save(figure, args.output)


if __name__ == "__main__":
    cli.run(main)
