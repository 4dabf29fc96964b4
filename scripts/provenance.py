"""Record where the results come from: code, data, settings, versions, device."""

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.settings import read_json

PACKAGES = (
    "snakemake",
    "torch",
    "numpy",
    "scipy",
    "scikit-image",
    "tifffile",
    "pandas",
    "matplotlib",
    "numba",
    "opencv-python-headless",
    "safetensors",
)


def main() -> None:
    """Gather the records and write them as JSON."""
    parser = cli.parser(__doc__)
    parser.add_argument("--data", type=Path, required=True, help="JSON of the stacks")
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="JSON")
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="JSON"
    )
    parser.add_argument("--settings", type=Path, nargs="+", required=True, help="JSON")
    parser.add_argument("--output", type=Path, required=True, help="JSON")
    args = cli.arguments(parser)
    record = {
        "commit": commit(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "data": read_json(args.data),
        "runs": [read_json(path) for path in args.runs],
        "predictions": [read_json(path) for path in args.predictions],
        "settings": {
            f"{path.parent.name}.{path.stem}": read_json(path) for path in args.settings
        },
    }
    write_text(args.output, json.dumps(record, indent=2) + "\n")


def commit() -> str:
    """Return the commit of this checkout, marked if files differ from it."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        run = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown (not a git checkout)"
    return run.stdout.strip()


if __name__ == "__main__":
    cli.run(main)
