"""Put the score tables of all runs into one tidy table."""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.scores import RUN_COLUMNS, read_curves, read_runs, tidy


def main(argv: list[str] | None = None) -> None:
    """Read the tables, add what run each belongs to, write them as one."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--runs",
        type=Path,
        required=True,
        help="JSON list: dataset, split, experiment, seed, scores (CSV of evaluate.py)",
    )
    parser.add_argument("--output", type=Path, required=True, help="CSV file")
    args = parser.parse_args(argv)
    runs = read_runs(args.runs, [*RUN_COLUMNS, "scores"])
    table = tidy([read_curves(Path(str(run["scores"]))) for run in runs], runs)
    write_text(args.output, table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    cli.run(main)
