"""Gather the runs of experiments in one table, a row each: scores, steps, machine.

Rows that are known from before, from other machines perhaps, stand for runs that are
not made again.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_csv
from unet2015.experiments.rows import gathered, read_rows
from unet2015.experiments.scores import RUN_COLUMNS, read_runs


def main(argv: list[str] | None = None) -> None:
    """Read scores and records of the runs, and the known rows; write all as one."""
    parser = cli.parser(
        __doc__,
        runs="JSON list: dataset, experiment, split, seed, settings; unless the row is "
        "known, scores (JSON of evaluate.py) and records (run.json of train.py)",
        csv="output",
    )
    parser.add_argument(
        "--known", type=Path, nargs="*", default=[], help="CSV of this program"
    )
    args = parser.parse_args(argv)
    runs = read_runs(args.runs, [*RUN_COLUMNS, "settings"])
    write_csv(args.csv, gathered(runs, [read_rows(path) for path in args.known]))


if __name__ == "__main__":
    cli.run(main)
