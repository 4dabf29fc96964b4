"""Scores along trainings as a table."""

import pandas as pd

from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.report.markdown import markdown_table

TITLES = [
    "training",
    "predicted with",
    "seed",
    "step",
    "Mpx",
    "hours",
    *(metric.title for metric in TABLE_METRICS),
]
NOTE = (
    "Each score at the threshold in brackets, the best for it on the scored stack, as "
    "the challenge takes it. Mpx: pixels that the loss was taken over, in millions."
)


def curve_markdown(points: pd.DataFrame) -> str:
    """Return one line a point, a note below and the machines.

    Parameters
    ----------
    points : DataFrame
        See :func:`unet2015.experiments.snapshots.joined`.
    """
    lines = [TITLES, *(_line(row) for _, row in points.iterrows())]
    columns = ["left", "left", *["right"] * (len(TITLES) - 2)]
    note = f"{NOTE} {_machines(points)}".rstrip()
    return f"{markdown_table(lines, columns)}\n{note}\n"


def _line(row: pd.Series) -> list[str]:
    """Return the cells of a point."""
    scores = [
        f"{row[metric.name]:.{metric.digits}f} ({row[f'{metric.name}_threshold']:g})"
        for metric in TABLE_METRICS
    ]
    return [
        row["training"],
        row["inference"] + (", average of weights" if row["weight_average"] else ""),
        str(row["seed"]),
        f"{row['step']:,}",
        f"{row['pixels'] / 1e6:.0f}",
        f"{row['seconds'] / 3600:.2f}",
        *scores,
    ]


def _machines(points: pd.DataFrame) -> str:
    """Say on what each training ran, and by which commit."""
    parts = []
    for training, own in points.groupby("training"):
        ran = own["device"] + ", " + own["precision"] + ", torch " + own["torch"]
        machines = "; ".join(ran.unique())
        commits = ", ".join(sorted({commit[:7] for commit in own["commit"]}))
        parts.append(f"{training}: {machines} (commit {commits}).")
    return " ".join(parts)
