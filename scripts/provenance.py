"""Record where the results come from: code, data, settings, versions, device."""

import os
import platform
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.benchmarks.machine import versions
from unet2015.config.code_version import commit
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


def main(argv: list[str] | None = None) -> None:
    """Gather the records and write them as JSON."""
    parser = cli.parser(__doc__, provenance="of stacks", output="JSON")
    for name in ("run", "prediction-run", "settings"):
        parser.add_argument(
            f"--{name}", type=Path, nargs="+", required=True, help="JSON"
        )
    args = parser.parse_args(argv)
    record = {
        "commit": commit(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": versions(PACKAGES),
        "data": read_json(args.provenance),
        "runs": [read_json(path) for path in args.run],
        "predictions": [read_json(path) for path in args.prediction_run],
        "settings": {
            f"{path.parent.name}.{path.stem}": read_json(path) for path in args.settings
        },
    }
    write_json(args.output, record)


if __name__ == "__main__":
    cli.run(main)
