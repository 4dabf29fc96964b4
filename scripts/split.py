"""List the slices that a split trains on and those that it scores."""

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.data.splits import split
from unet2015.data.stacks import read_image


def main(argv: list[str] | None = None) -> None:
    """Count the slices of both stacks and write the split."""
    parser = cli.parser(
        __doc__, train_volume="TIFF", test_volume="TIFF", output="JSON file"
    )
    parser.add_argument("--name", required=True, help="test, fold0, fold1, ...")
    parser.add_argument("--folds", type=int, default=5, help="contiguous folds")
    args = parser.parse_args(argv)
    counts = [len(read_image(path)) for path in (args.train_volume, args.test_volume)]
    chosen = split(args.name, *counts, args.folds)
    write_json(args.output, chosen)


if __name__ == "__main__":
    cli.run(main)
