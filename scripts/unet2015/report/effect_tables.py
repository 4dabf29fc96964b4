"""Effects of experiments as Markdown, under the claims that they test."""

from collections.abc import Mapping

import pandas as pd

from unet2015.experiments.effects import BETTER, OPEN, WORSE, claim_verdicts
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.report.markdown import markdown_table

MARKS = {BETTER: "▲", WORSE: "▼", OPEN: ""}


def effects_markdown(table: pd.DataFrame, claims: Mapping[str, str]) -> str:
    """Return the table of effects and a note.

    The claims come first, each with its verdict in a row of its own above the
    experiment that tests it, then the experiments that test none.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`.
    claims : mapping of str to str
        The claim that each experiment tests by doing without it.
    """
    rows = {
        name: [name, *(_cell(row) for row in rows.to_dict("records"))]
        for name, rows in table.groupby("experiment", sort=False)
    }
    titles = [f"{m.title} {'↑' if m.higher_is_better else '↓'}" for m in TABLE_METRICS]
    lines = [["experiment", *titles]]
    for name, verdict in claim_verdicts(table, claims).items():
        lines += [_heading(f"**{verdict}:** {claims[name]}"), rows.pop(name)]
    if claims and rows:
        lines.append(_heading("experiments that test no claim"))
    lines += rows.values()
    alignments = ["left"] + ["right"] * len(TABLE_METRICS)
    return markdown_table(lines, alignments) + "\n" + note(table)


def note(table: pd.DataFrame) -> str:
    """Return what the numbers mean, and what the interval does not contain.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`.
    """
    words = (
        "Mean difference of slices to the reference and its 95 % interval; "
        f"{MARKS[BETTER]} better, {MARKS[WORSE]} worse, no mark: not decided, as the "
        "interval contains 0. Each experiment scores at its own best threshold. "
        "V_Rand decides a claim: supported if doing without it is worse.\n"
    )
    if len(table) and table["seeds"].max() == 1:
        words += (
            "\nOne seed: the spread from training to training is in the intervals only "
            "as far as the splits show it"
            + (", and with one split not at all" if table["splits"].max() == 1 else "")
            + ". Give more seeds (`run.seeds`) before a verdict is trusted.\n"
        )
    return words


def _cell(row: dict) -> str:
    """Return a difference with its interval and mark, digits as published."""
    metric = next(m for m in TABLE_METRICS if m.name == row["metric"])
    numbers = ("difference", "low", "high")
    difference, low, high = (metric.signed(row[key]) for key in numbers)
    return f"{MARKS[row['verdict']]} {difference} [{low}, {high}]".strip()


def _heading(text: str) -> list[str]:
    """Return a row with a first cell only."""
    return [text] + [""] * len(TABLE_METRICS)
