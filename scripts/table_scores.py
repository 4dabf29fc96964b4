"""Put the score tables of all runs into one tidy table."""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_csv
from unet2015.experiments.scores import RUN_COLUMNS, read_curves, read_runs, tidy


def main(argv: list[str] | None = None) -> None:
    """Read the tables, add what run each belongs to, write them as one."""
    parser = cli.parser(
        __doc__,
        runs="JSON list: dataset, split, experiment, seed, scores (CSV of evaluate.py)",
        output="CSV file",
    )
    args = parser.parse_args(argv)
    runs = read_runs(args.runs, [*RUN_COLUMNS, "scores"])
    table = tidy([read_curves(Path(str(run["scores"]))) for run in runs], runs)
    write_csv(args.output, table)


if __name__ == "__main__":
    cli.run(main)
