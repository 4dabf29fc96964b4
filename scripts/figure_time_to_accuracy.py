"""Draw V_Rand and V_Info on held-out slices against minutes of training."""

from unet2015 import cli
from unet2015.experiments.scores import read_runs, read_scores
from unet2015.experiments.time_to_accuracy import KEYS, points, trainings
from unet2015.figures.accuracy_plot import draw_time_to_accuracy
from unet2015.figures.style import add_output, save
from unet2015.settings import read_json


def main(argv: list[str] | None = None) -> None:
    """Read scores and records of the trainings and draw them."""
    parser = cli.parser(
        __doc__,
        "scores",
        runs="JSON list: experiment, split, seed, records (run.json of train.py)",
    )
    add_output(parser)
    args = parser.parse_args(argv)
    listed = read_runs(args.runs, [*KEYS, "records"])
    runs = [run for run in listed for _ in run["records"]]
    records = [read_json(path) for run in listed for path in run["records"]]
    trained = trainings(runs, records)
    save(draw_time_to_accuracy(points(read_scores(args.scores), trained)), args.output)


if __name__ == "__main__":
    cli.run(main)
