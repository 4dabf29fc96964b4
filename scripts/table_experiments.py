"""Compare experiments: mean and standard deviation of each score over runs."""

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.rows import SCORES, read_rows
from unet2015.experiments.scores import refuse_empty
from unet2015.report.markdown import markdown_table


def main(argv: list[str] | None = None) -> None:
    """Read the rows, write the summary."""
    parser = cli.parser(__doc__, "rows csv markdown")
    args = parser.parse_args(argv)
    summary = summarise(read_rows(args.rows))
    write_text(args.csv, summary.to_csv())
    write_text(args.markdown, summary_markdown(summary))


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation of the runs' scores, by experiment.

    Raises
    ------
    InputError
        If there are no rows, because the labels are unknown.
    """
    refuse_empty(rows)
    grouped = rows.groupby("experiment", sort=False)
    return pd.concat(
        [
            grouped.size().rename("runs"),
            grouped[SCORES].mean().add_suffix("_mean"),
            grouped[SCORES].std().add_suffix("_std"),
        ],
        axis=1,
    )


def summary_markdown(summary: pd.DataFrame) -> str:
    """Return the summary as a Markdown table."""
    lines = [["experiment", "runs", *(metric.title for metric in TABLE_METRICS)]]
    for name, row in summary.iterrows():
        cells = [
            f"{row[f'{m.name}_mean']:.{m.digits}f}"
            + (f" ± {row[f'{m.name}_std']:.{m.digits}f}" if row["runs"] > 1 else "")
            for m in TABLE_METRICS
        ]
        lines.append([name, str(int(row["runs"])), *cells])
    return markdown_table(lines, ["left"] * len(lines[0]))


if __name__ == "__main__":
    cli.run(main)
