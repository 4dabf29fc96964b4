"""Compare experiments: mean and standard deviation of each score over runs."""

from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.errors import InputError
from unet2015.experiments.paper_results import METRICS
from unet2015.report.markdown import markdown_table

NAMES = [metric.name for metric in METRICS]


def main() -> None:
    """Read the tidy table, take each run's best scores, write the summary."""
    parser = cli.parser(__doc__)
    parser.add_argument("--scores", type=Path, required=True, help="tidy CSV")
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = cli.arguments(parser)
    best = best_scores(pd.read_csv(args.scores, dtype={"slice": str}))
    grouped = best.groupby("experiment", sort=False)[NAMES]
    summary = pd.concat(
        [
            grouped.size().rename("runs"),
            grouped.mean().add_suffix("_mean"),
            grouped.std().add_suffix("_std"),
        ],
        axis=1,
    )
    write_text(args.csv, summary.to_csv())
    write_text(args.markdown, as_markdown(summary))


def best_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return each run's best score over the thresholds, one column a metric.

    Raises
    ------
    InputError
        If there are no scores, because the labels are unknown.
    """
    curves = scores[scores["slice"] == "all"]
    if curves.empty:
        raise InputError(
            "the scores are empty: the labels of the scored slices are unknown; set "
            "run.splits to folds and compare experiments on the training slices"
        )
    keys = ["experiment", "split", "seed", "metric"]
    values = curves.groupby(keys, sort=False)["value"]
    lowest, highest = values.min().unstack(), values.max().unstack()
    columns = {
        m.name: (highest if m.higher_is_better else lowest)[m.name] for m in METRICS
    }
    return pd.DataFrame(columns).reset_index()


def as_markdown(summary: pd.DataFrame) -> str:
    """Return the summary as a Markdown table."""
    lines = [["experiment", "runs", *(metric.title for metric in METRICS)]]
    for name, row in summary.iterrows():
        cells = [
            f"{row[f'{m.name}_mean']:.{m.digits}f}"
            + (f" ± {row[f'{m.name}_std']:.{m.digits}f}" if row["runs"] > 1 else "")
            for m in METRICS
        ]
        lines.append([name, str(int(row["runs"])), *cells])
    return markdown_table(lines, ["left"] * len(lines[0]))


if __name__ == "__main__":
    cli.run(main)
