"""Draw V_Rand and V_Info on held-out slices against minutes of training."""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.errors import InputError
from unet2015.experiments.scores import read_scores
from unet2015.experiments.time_to_accuracy import points, trainings
from unet2015.figures.accuracy_plot import draw_time_to_accuracy
from unet2015.figures.style import save
from unet2015.settings import read_json


def main() -> None:
    """Read scores and records of the trainings and draw them."""
    parser = cli.parser(__doc__)
    parser.add_argument("--scores", type=Path, required=True, help="tidy CSV")
    parser.add_argument(
        "--runs", type=Path, nargs="+", required=True, help="run.json of train.py"
    )
    parser.add_argument(
        "--columns-json",
        required=True,
        help="a JSON list: experiment, split and seed of each run",
    )
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help=".png, .pdf or .svg"
    )
    args = cli.arguments(parser)
    try:
        runs = json.loads(args.columns_json)
    except ValueError as error:
        raise InputError(f"--columns-json is no JSON: {error}") from error
    trained = trainings(runs, [read_json(path) for path in args.runs])
    save(draw_time_to_accuracy(points(read_scores(args.scores), trained)), args.output)


if __name__ == "__main__":
    cli.run(main)
