"""Generate a synthetic training stack and test stack with exact labels.

The stacks resemble serial-section electron micrographs of neuropil at the
scale of ISBI 2012. They depend on the settings alone, so the demo and the
tests need no download.
"""

import logging

from unet2015 import cli
from unet2015.data.dataset import Stack, add_outputs, outputs, write_dataset
from unet2015.phantom.volume import Phantom, phantom
from unet2015.settings import read_settings

SPLITS = ("train", "test")  # stacks 0 and 1 of the seed


def main(argv: list[str] | None = None) -> None:
    """Generate both stacks, then write what the command line asks for."""
    parser = cli.parser(__doc__, settings="JSON: seed, slices, side (pixels)")
    add_outputs(parser)
    args = parser.parse_args(argv)
    settings = read_settings(args.settings, "phantom")
    made = {s: phantom(stack=SPLITS.index(s), **settings) for s in SPLITS}
    for split in SPLITS:
        logging.info("%s: %d x %d x %d", split, *made[split].volume.shape)
    stacks = as_stacks(made)
    write_dataset(stacks, outputs(args), args.provenance, "phantom", settings=settings)


def as_stacks(made: dict[str, Phantom]) -> dict[str, Stack]:
    """Name volume and labels of both phantoms as a dataset does."""
    return {
        f"{split}-{kind}": Stack(getattr(made[split], kind), origin="generated")
        for split in SPLITS
        for kind in ("volume", "labels")
    }


if __name__ == "__main__":
    cli.run(main)
