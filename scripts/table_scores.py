"""Put the score tables of all runs into one tidy table."""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.errors import InputError
from unet2015.experiments.scores import read_curves, tidy


def main() -> None:
    """Read the tables, add what run each belongs to, write them as one."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--scores", type=Path, nargs="+", required=True, help="CSV of evaluate.py"
    )
    parser.add_argument(
        "--columns-json",
        required=True,
        help="a JSON list: dataset, split, experiment and seed of each table",
    )
    parser.add_argument("--output", type=Path, required=True, help="CSV file")
    args = cli.arguments(parser)
    try:
        runs = json.loads(args.columns_json)
    except ValueError as error:
        raise InputError(f"--columns-json is no JSON: {error}") from error
    tables = [read_curves(path) for path in args.scores]
    table = tidy(tables, runs)
    write_text(args.output, table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    cli.run(main)
