"""Measure the slices that a split trains on: grey levels and class frequency.

How the stacks were scaled to 8 bits is taken over from their provenance, so that it
comes to stand beside the model.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.data.stacks import warn_of_polarity
from unet2015.data.training_slices import (
    measure,
    read_intensity_range,
    read_training_slices,
)


def main(argv: list[str] | None = None) -> None:
    """Read the training slices and write their statistics."""
    parser = cli.parser(__doc__, "volume labels split", output="JSON file")
    parser.add_argument("--provenance", type=Path, help="JSON of import_stacks.py")
    args = parser.parse_args(argv)
    slices = read_training_slices(args.volume, args.labels, args.split)
    warn_of_polarity(slices.labels, str(args.labels))
    found = measure(slices)
    if args.provenance:
        scaled = read_intensity_range(args.provenance)
        found = found._replace(intensity_range=scaled)
    write_json(args.output, found._asdict())


if __name__ == "__main__":
    cli.run(main)
