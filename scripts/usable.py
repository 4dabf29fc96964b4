"""Stop before a training that cannot be: what cannot be trained on is refused.

Volume and labels have to have one shape, some contrast, both classes, and as many
slices as folds. What merely looks odd is told by check.py, of which this is the part
that trainings wait for: it changes seldom, and so reruns them seldom.
"""

import json

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.data.stacks import read_image, read_labels
from unet2015.data.usable import check_usable


def main(argv: list[str] | None = None) -> None:
    """Read the training stacks, refuse them or write how many slices there are."""
    parser = cli.parser(
        __doc__, train_volume="TIFF", train_labels="TIFF", output="JSON file"
    )
    parser.add_argument("--folds", type=int, required=True, help="contiguous folds")
    args = parser.parse_args(argv)
    volume, labels = read_image(args.train_volume), read_labels(args.train_labels)
    check_usable(volume, labels, args.folds)
    found = {"slices": len(volume), "folds": args.folds}
    write_text(args.output, json.dumps(found) + "\n")


if __name__ == "__main__":
    cli.run(main)
