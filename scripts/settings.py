"""Write the settings of one stage as a small JSON file.

The file is an input of the stage's programs: its content, not the layout of the
config, decides what is run again.
"""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.errors import InputError


def main() -> None:
    """Read the arguments, check that they hold an object, write it."""
    parser = cli.parser(__doc__)
    parser.add_argument("--settings", required=True, help="a JSON object")
    parser.add_argument("--output", type=Path, required=True, help="JSON file")
    args = cli.arguments(parser)
    try:
        settings = json.loads(args.settings)
    except ValueError as error:
        raise InputError(f"--settings is no JSON: {error}") from error
    if not isinstance(settings, dict):
        raise InputError(f"--settings is {args.settings}, expected a JSON object")
    write_text(args.output, json.dumps(settings, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    cli.run(main)
