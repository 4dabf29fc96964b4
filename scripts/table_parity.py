"""Compare predictions of other backends and precisions with torch in float32.

The table gives the differences of the probabilities, the pixels that change
sides at 0.5, V_Rand at its best threshold, and the size of the model's file.
"""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.data.stacks import read_probability
from unet2015.errors import InputError
from unet2015.experiments.parity import Prediction, parity_table
from unet2015.experiments.scores import SCORE_COLUMNS, read_table
from unet2015.report.parity_tables import parity_markdown

RUN_KEYS = {"inference", "backend", "precision", "test_time_augmentation", "peer"}


def main() -> None:
    """Read predictions and scores, write the table."""
    parser = cli.parser(__doc__)
    for name, what in (
        ("models", "files of the network, in the order of --runs-json"),
        ("probabilities", "predictions, TIFF"),
        ("scores", "CSV of evaluate.py"),
    ):
        parser.add_argument(f"--{name}", type=Path, nargs="*", required=True, help=what)
    parser.add_argument(
        "--runs-json",
        required=True,
        help="a JSON list: inference, backend, precision, test_time_augmentation "
        "and peer of each",
    )
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = cli.arguments(parser)
    runs = read_runs(args.runs_json, len(args.models))
    predictions = {
        run["inference"]: Prediction(
            read_probability(probability), best_v_rand(scores), model.stat().st_size
        )
        for run, model, probability, scores in zip(
            runs, args.models, args.probabilities, args.scores, strict=True
        )
    }
    table = parity_table(runs, predictions)
    shape = predictions[runs[0]["inference"]].probability.shape
    write_text(args.csv, table.to_csv(index=False, lineterminator="\n"))
    write_text(args.markdown, parity_markdown(table, shape))


def read_runs(text: str, count: int) -> list[dict]:
    """Read what the predictions are.

    Raises
    ------
    InputError
        If there are none, or not as many as predictions, or a key or a peer
        lacks.
    """
    try:
        runs = json.loads(text)
    except ValueError as error:
        raise InputError(f"--runs-json is no JSON: {error}") from error
    if not runs:
        raise InputError(
            "no inference setting is to be compared; give an experiment one with "
            "backend onnxruntime, and a setting that differs in nothing else from torch"
        )
    names = [run.get("inference") for run in runs]
    for run in runs:
        if set(run) != RUN_KEYS or run["peer"] not in names:
            raise InputError(
                f"a run is described by {run}, expected {', '.join(sorted(RUN_KEYS))} "
                "with a peer that is a run itself; correct --runs-json"
            )
    if len(runs) != count:
        raise InputError(
            f"{count} models for {len(runs)} runs, expected as many; "
            "give one object of --runs-json a model"
        )
    return runs


def best_v_rand(path: Path) -> float:
    """Read the V_Rand of all slices at its best threshold; NaN if there is none."""
    scores = read_table(path, SCORE_COLUMNS)
    ours = scores[(scores["metric"] == "v_rand") & (scores["slice"] == "all")]
    return ours["value"].astype(float).max()


if __name__ == "__main__":
    cli.run(main)
