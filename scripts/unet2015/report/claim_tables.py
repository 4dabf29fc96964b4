"""Verdicts on claims, and what they rest on, as Markdown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from unet2015.experiments.claims import (
    BY_NAME,
    ENDPOINTS,
    PAIRINGS,
    difference_words,
    losses,
    sentence,
    verdict_words,
)
from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import Metric
from unet2015.experiments.sample_size import CHOICES
from unet2015.experiments.simulation import RUNS, simulated
from unet2015.report.markdown import markdown_table

HEAD = [
    "claim",
    "verdict",
    "endpoint",
    "worse without it by",
    "margin",
    "pairs",
    "minutes",
    "p, t test",
    "p, sign flips",
    "p, within margin",
]
SECONDARY = "**Shown without verdict**"


def claims_markdown(
    table: pd.DataFrame, seeds: int | None, again: dict[str, float] | None
) -> str:
    """Return one line a claim, and a note on what decides.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.claims.compared`.
    seeds : int or None
        See :func:`unet2015.experiments.claims.pilot`.
    again : dict or None
        See :func:`unet2015.experiments.claims.replicates`.
    """
    lines = [HEAD]
    for row in table[table["primary"]].to_dict("records"):
        lines.append(_line(row, seeds))
    others = table[~table["primary"]].to_dict("records")
    if others:
        lines.append([SECONDARY] + [""] * (len(HEAD) - 1))
        lines += [_line(row, seeds) for row in others]
    columns = ["left"] * 3 + ["right"] * (len(HEAD) - 3)
    return f"{markdown_table(lines, columns)}\n{_note(seeds, again)}\n"


def claim_lines(table: pd.DataFrame, seeds: int | None) -> dict[str, str]:
    """Return a line of a list for each primary claim, by what it begins with.

    Parameters
    ----------
    table, seeds
        See :func:`claims_markdown`.
    """
    lines = {}
    for row in table[table["primary"]].to_dict("records"):
        begin = f"- {sentence(row)}: "
        lines[begin] = f"{begin}**{verdict_words(row, seeds)}**"
        if row["verdict"]:
            title = BY_NAME[row["endpoint"]].title
            lines[begin] += f", {title} {difference_words(row)}"
    return lines


def _line(row: dict, seeds: int | None) -> list[str]:
    """Return the cells of a claim."""
    words = verdict_words(row, seeds)
    return [
        sentence(row),
        f"**{words}**" if words else "",
        BY_NAME[row["endpoint"]].title,
        difference_words(row),
        f"{row['margin']:g}" if row["margin"] >= 1e-4 else f"{row['margin']:.5f}",
        str(row["pairs"]),
        "" if np.isnan(row["minutes"]) else f"{row['minutes']:.1f}",
        *("" if np.isnan(row[p]) else f"{row[p]:.2g}" for p in ("p", "p_flips")),
        "" if np.isnan(row["p_within"]) else f"{row['p_within']:.2g}",
    ]


def _note(seeds: int | None, again: dict[str, float] | None) -> str:
    """Return how many trainings there are and why, and how the reference errs."""
    words = [
        "Mean of paired differences, positive if doing without is worse, with the 95 % "
        "interval of Student's t; p of the t test after Holm's correction, p of all "
        "sign flips and the larger p of two one-sided tests without. Minutes: median "
        "of the arm's trainings."
    ]
    if seeds:
        words.append(
            f"The pilot, trainings of the reference, fixed {seeds} pairs a claim."
        )
    if again:
        rates = {key: f"{100 * again[key]:.1f} %" for key in ("false", "none", "open")}
        words.append(
            f"{PAIRINGS:,} random pairings of {again['trainings']} trainings of the "
            f"reference with each other, {again['trainings'] // 2} pairs each: "
            f"{rates['false']} with any false verdict; of all claims in them "
            f"{rates['none']} practically no effect, {rates['open']} not decided."
        )
    return " ".join(words)


def scores_markdown(
    rows: pd.DataFrame, claims: Sequence[dict], seeds: int | None
) -> str:
    """Return how much worse each arm is in every score, without verdict.

    Parameters
    ----------
    rows, claims, seeds
        See :func:`unet2015.experiments.claims.compared`.
    """
    counted = rows[rows["seed"] < (seeds or 0)]
    lines = [["arm", "against", *(endpoint.title for endpoint in ENDPOINTS)]]
    for claim in claims:
        cells = [_cell(counted, claim, endpoint) for endpoint in ENDPOINTS]
        lines.append([claim["arm"], claim["against"], *cells])
    columns = ["left", "left", *["right"] * len(ENDPOINTS)]
    note = (
        "By how much the arm is worse, with its 95 % interval; the intervals are not "
        "corrected for their number and decide nothing. Merges and splits are the "
        "parts of V_Rand and V_Info that they spoil."
    )
    return f"{markdown_table(lines, columns)}\n{note} {_machines(rows)}".rstrip() + "\n"


def _cell(rows: pd.DataFrame, claim: dict, endpoint: Metric) -> str:
    """Return a mean loss with its interval."""
    found = losses(rows, claim, endpoint.name).to_numpy()
    row = {"endpoint": endpoint.name, "pairs": len(found)}
    if len(found):
        row |= dict(zip(("loss", "low", "high"), t_interval(found), strict=True))
    return difference_words(row)


def _machines(rows: pd.DataFrame) -> str:
    """Say on what the trainings ran, in which precision and by which commit."""
    ran = rows["device"] + ", " + rows["precision"] + ", torch " + rows["torch"]
    commits = ", ".join(sorted({commit[:7] for commit in rows["commit"]}))
    return f"{'; '.join(ran.unique())} (commit {commits})." if len(rows) else ""


def simulation_markdown() -> str:
    """Return how often the rule errs by simulation, for every number of pairs."""
    head = ["pairs", "noise of a training", "interval holds the truth"]
    head += ["any of seven false", "supported at twice the margin"]
    head += ["none where there is none", "none at the margin"]
    lines = [head]
    for count in CHOICES:
        for row in simulated(count).to_dict("records"):
            noise = row.pop("noise")
            rates = (f"{100 * rate:.1f} %" for rate in row.values())
            lines.append([str(count), noise, *rates])
    columns = ["right", "left", *["right"] * (len(head) - 2)]
    note = f"{RUNS:,} simulated experiments a line; see `experiments/simulation.py`."
    return f"{markdown_table(lines, columns)}\n{note}\n"
