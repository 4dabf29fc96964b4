"""Effects of experiments as Markdown: the claims first, then every experiment."""

from collections.abc import Mapping

import pandas as pd

from unet2015.claims import claim_verdicts
from unet2015.effects import BETTER, OPEN, WORSE
from unet2015.paper_results import METRICS

MARKS = {BETTER: "▲", WORSE: "▼", OPEN: ""}
NUMBERS = "| ---: " * len(METRICS)


def as_markdown(table: pd.DataFrame, claims: Mapping[str, str]) -> str:
    """Return the table of claims, if there are any, that of effects, and a note.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.effects.effects`.
    claims : mapping of str to str
        The claim that each experiment tests by doing without it.
    """
    cells = {
        name: [_cell(row) for row in rows.to_dict("records")]
        for name, rows in table.groupby("experiment", sort=False)
    }
    parts = []
    if claims:
        verdicts = claim_verdicts(table, claims)
        head = ["claim of the paper", "verdict", "tested by"]
        lines = [[claims[n], f"**{verdicts[n]}**", n, *cells[n]] for n in claims]
        rule = f"| --- | --- | --- {NUMBERS}|"
        parts.append(_table([*head, *_titles()], rule, lines))
    lines = [[name, *found] for name, found in cells.items()]
    parts.append(_table(["experiment", *_titles()], f"| --- {NUMBERS}|", lines))
    return "\n".join([*parts, note(table)])


def note(table: pd.DataFrame) -> str:
    """Return what the numbers mean, and what the interval does not contain."""
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


def _titles() -> list[str]:
    """Return the metrics with the direction in which they are better."""
    return [f"{m.title} {'↑' if m.higher_is_better else '↓'}" for m in METRICS]


def _cell(row: dict) -> str:
    """Return a difference with its interval and mark, digits as published."""
    digits = next(m.digits for m in METRICS if m.name == row["metric"])
    numbers = [f"{row[key]:+.{digits}f}" for key in ("difference", "low", "high")]
    difference, low, high = (number.replace("-", "−") for number in numbers)
    return f"{MARKS[row['verdict']]} {difference} [{low}, {high}]".strip()


def _table(head: list[str], rule: str, lines: list[list[str]]) -> str:
    """Return a Markdown table with the rule under its head as given."""
    cells = [[text.replace("|", "/") for text in line] for line in (head, *lines)]
    rows = ["| " + " | ".join(line) + " |" for line in cells]
    return "\n".join([rows[0], rule, *rows[1:]]) + "\n"
