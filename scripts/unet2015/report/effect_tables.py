"""Scores of experiments, their effects, and what they let choose, as Markdown."""

import pandas as pd

from unet2015.experiments.choices import CHOOSING, MARGINS
from unet2015.experiments.effects import BETTER, OPEN, WORSE, titles
from unet2015.experiments.intervals import FEWEST
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.report.markdown import markdown_table

MARKS = {BETTER: "▲", WORSE: "▼", OPEN: ""}


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
    return _table(lines)


def effects_markdown(table: pd.DataFrame, reference: str) -> str:
    """Return the table of effects and a note.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`.
    reference : str
        What experiments are compared with that name no other.
    """
    names = titles(table, reference)
    lines = [["experiment", *(metric.head for metric in TABLE_METRICS)]]
    for name, rows in table.groupby("experiment", sort=False):
        lines.append([names[name], *(_cell(row) for row in rows.to_dict("records"))])
    return _table(lines) + "\n" + note(table)


def note(table: pd.DataFrame) -> str:
    """Return what the numbers mean, and what the interval does not contain.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`.
    """
    words = (
        "Mean difference of runs to the reference, or to the experiment named, and "
        "its 95 % interval; "
        f"{MARKS[BETTER]} better, {MARKS[WORSE]} worse, no mark: not decided, as the "
        "interval contains 0. Each run scores at its own best threshold.\n"
    )
    if len(table):
        splits, seeds = table["splits"].min(), table["seeds"].min()
        if (splits if splits > 1 else seeds) < FEWEST:
            words += (
                f"\nNothing is decided below {FEWEST} splits or, with one split, "
                f"{FEWEST} seeds (here {splits:.0f} and {seeds:.0f}). Give more "
                "(`run.splits`, `run.seeds`).\n"
            )
    return words


def _cell(row: dict) -> str:
    """Return a difference with its interval, if any, and mark, digits as published."""
    metric = next(m for m in TABLE_METRICS if m.name == row["metric"])
    numbers = ("difference", "low", "high")
    difference, low, high = (metric.signed(row[key]) for key in numbers)
    shown = difference if pd.isna(row["low"]) else f"{difference} [{low}, {high}]"
    return f"{MARKS[row['verdict']]} {shown}".strip()


def choices_markdown(table: pd.DataFrame, reference: str) -> str:
    """Return the table of choices.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.choices.choices`.
    reference : str
        What experiments are compared with that name no other.
    """
    names = titles(table, reference)
    margins = " and ".join(f"{MARGINS[m.name]:g}" for m in CHOOSING)
    heads = ["steps", "minutes", *(metric.head for metric in CHOOSING)]
    heads += ["better in both", f"worse by at most {margins}"]
    lines = [["experiment", *heads]]
    for row in table.to_dict("records"):
        lines.append(
            [
                names[row["experiment"]],
                f"{row['steps']:,.0f}",
                f"{row['minutes']:.1f}",
                *(metric.signed(row[metric.name]) for metric in CHOOSING),
                f"{row['better']} of {row['splits']}",
                "yes" if row["as_good"] else "no",
            ]
        )
    return _table(lines)


def _table(lines: list[list[str]]) -> str:
    """Return a table of names and, right of them, numbers."""
    return markdown_table(lines, ["left"] + ["right"] * (len(lines[0]) - 1))
