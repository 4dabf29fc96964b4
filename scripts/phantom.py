"""Generate a synthetic training stack and test stack with exact labels.

The stacks resemble serial-section electron micrographs of neuropil at the
scale of ISBI 2012. They depend on the settings alone, so the demo and the
tests need no download.
"""

import logging
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.data.dataset import Stack, add_outputs, outputs, write_dataset
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.phantom.volume import Phantom, phantom
from unet2015.settings import read_settings

SPLITS = ("train", "test")  # stacks 0 and 1 of the seed


def main() -> None:
    """Generate both stacks, then write what the command line asks for."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--settings", type=Path, required=True, help="JSON: seed, slices, side (pixels)"
    )
    add_outputs(parser)
    for split in SPLITS:
        parser.add_argument(
            f"--{split}-instances",
            type=Path,
            help="also write the cells, TIFF, uint16, 0 = membrane, 1.. = cells",
        )
    args = cli.arguments(parser)
    settings = read_settings(args.settings, "phantom")
    made = {s: phantom(stack=SPLITS.index(s), **settings) for s in SPLITS}
    for split in SPLITS:
        if path := getattr(args, f"{split}_instances"):
            write_stack(path, as_uint16(made[split].instances))
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


def as_uint16(instances: np.ndarray) -> np.ndarray:
    """Return the instances as uint16.

    Raises
    ------
    InputError
        If there are too many.
    """
    count, most = int(instances.max()), np.iinfo(np.uint16).max
    if count > most:
        raise InputError(
            f"the stack holds {count} instances, expected at most {most} in a 16-bit "
            "TIFF; lower slices or side, or leave out the instances"
        )
    return instances.astype(np.uint16)


if __name__ == "__main__":
    cli.run(main)
