"""Generate a synthetic training stack and test stack with exact labels.

The stacks resemble serial-section electron micrographs of neuropil at the
scale of ISBI 2012. They depend on the settings alone, so the demo and the
tests need no download.
"""

import argparse
import json
import logging
from pathlib import Path

import numpy as np

from unet2015 import atomic, cli
from unet2015.errors import InputError
from unet2015.phantom import phantom
from unet2015.stacks import pixel_sha256, write_stack

KEYS = ("seed", "slices", "side")
FILES = {
    "volume": "uint8 grey levels",
    "labels": "uint8, 255 = cell interior, 0 = membrane",
    "instances": "uint16, 0 = membrane, 1.. = cells",
}
SPLITS = ("train", "test")  # stacks 0 and 1 of the seed


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--settings", type=Path, required=True, help="JSON: seed, slices, side (pixels)"
    )
    for split in SPLITS:
        for kind, content in FILES.items():
            parser.add_argument(
                f"--{split}-{kind}",
                type=Path,
                required=kind != "instances",
                help=f"TIFF, {content}",
            )
    parser.add_argument(
        "--provenance", type=Path, required=True, help="JSON: settings and checksums"
    )
    return parser.parse_args()


def read_settings(path: Path) -> dict[str, int]:
    """Return the settings.

    Raises
    ------
    InputError
        If the file is no JSON object with exactly the expected keys.
    """
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is not JSON ({error}); write it again") from error
    if not isinstance(settings, dict) or set(settings) != set(KEYS):
        found = list(settings) if isinstance(settings, dict) else settings
        raise InputError(
            f"{path} holds {found}, expected an object with exactly the keys "
            f"{', '.join(KEYS)}; add or remove keys"
        )
    return settings


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


def main() -> None:
    """Write the stacks that the command line asks for."""
    given = arguments()
    settings = read_settings(given.settings)
    stacks = {}
    for index, split in enumerate(SPLITS):
        made = phantom(stack=index, **settings)
        outputs = {"volume": made.volume, "labels": made.labels}
        if getattr(given, f"{split}_instances"):
            outputs["instances"] = as_uint16(made.instances)
        for kind, pixels in outputs.items():
            write_stack(getattr(given, f"{split}_{kind}"), pixels)
            stacks[f"{split}-{kind}"] = {
                "sha256": pixel_sha256(pixels),
                "shape": list(pixels.shape),
            }
        logging.info("%s: %d x %d x %d", split, *made.volume.shape)
    record = {"source": "phantom", "settings": settings, "stacks": stacks}
    atomic.write_text(given.provenance, json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    cli.run(main)
