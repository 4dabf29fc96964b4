"""Compare predictions of other backends and precisions with torch in float32.

The table gives the differences of the probabilities, the pixels that change
sides at 0.5, V_Rand at its best threshold, and the size of the model's file.
"""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_csv, write_text
from unet2015.data.stacks import read_probability
from unet2015.errors import InputError
from unet2015.experiments.parity import Prediction, parity_table
from unet2015.experiments.scores import SCORE_COLUMNS, read_runs, read_table
from unet2015.report.parity_tables import parity_markdown

KEYS = ["inference", "peer", "backend", "precision", "test_time_augmentation"]
KEYS += ["model", "probability", "scores"]


def main(argv: list[str] | None = None) -> None:
    """Read predictions and scores, write the table."""
    parser = cli.parser(
        __doc__, "csv markdown", runs=f"JSON list: {', '.join(KEYS)} of each"
    )
    args = parser.parse_args(argv)
    rows = read_rows(args.runs)
    predictions = {
        row["inference"]: Prediction(
            read_probability(str(row["probability"])),
            best_v_rand(Path(str(row["scores"]))),
            Path(str(row["model"])).stat().st_size,
        )
        for row in rows
    }
    table = parity_table(rows, predictions)
    shape = predictions[rows[0]["inference"]].probability.shape
    write_csv(args.csv, table)
    write_text(args.markdown, parity_markdown(table, shape))


def read_rows(path: Path) -> list[dict]:
    """Read what the predictions are, and where.

    Raises
    ------
    InputError
        If there are none, or a peer is not among them.
    """
    rows = read_runs(path, KEYS)
    if not rows:
        raise InputError(
            "no inference setting is to be compared; give an experiment one with "
            "backend onnxruntime, and a setting that differs in nothing else from torch"
        )
    names = [row["inference"] for row in rows]
    for row in rows:
        if row["peer"] not in names:
            raise InputError(
                f"{path}: the peer of {row['inference']} is {row['peer']!r}, expected "
                f"one of {', '.join(names)}; correct the list"
            )
    return rows


def best_v_rand(path: Path) -> float:
    """Read the V_Rand of all slices at its best threshold; NaN if there is none."""
    scores = read_table(path, SCORE_COLUMNS)
    ours = scores[(scores["metric"] == "v_rand") & (scores["slice"] == "all")]
    return ours["value"].astype(float).max()


if __name__ == "__main__":
    cli.run(main)
