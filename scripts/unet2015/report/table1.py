"""Table 1 of the paper with rows of our own, as CSV, Markdown and LaTeX."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.paper_results import (
    DATASET,
    HUMAN,
    PAPER_ROWS,
    TABLE_METRICS,
    Metric,
)
from unet2015.experiments.scores import best_scores
from unet2015.report.markdown import markdown_table

TITLES = ["method", *(metric.title for metric in TABLE_METRICS)]
LATEX_TITLES = {"V_Rand": r"$V^\mathrm{Rand}$", "V_Info": r"$V^\mathrm{Info}$"}
LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
}


class Method(NamedTuple):
    """A method of table 1: scores by metric, and their spread over seeds."""

    name: str
    scores: dict[str, float]
    spread: dict[str, float]  # sample standard deviation; empty for one seed


def scores_of(scores: pd.DataFrame, dataset: str, experiment: str) -> pd.DataFrame:
    """Return each seed's best test scores over the thresholds.

    Parameters
    ----------
    scores : DataFrame
        See :func:`unet2015.experiments.scores.tidy`.
    dataset, experiment : str
        Whose rows count.

    Returns
    -------
    DataFrame
        One row a seed, one column a metric; without rows if the test labels of
        the data set are unknown, so that no experiment has a score.

    Raises
    ------
    InputError
        If only other experiments have scores, or a seed lacks a metric.
    """
    test = scores[(scores["dataset"] == dataset) & (scores["split"] == "test")]
    ours = test[test["experiment"] == experiment]
    if ours.empty and len(test):
        raise InputError(
            f"experiment {experiment!r} has no test scores on {dataset}, expected one "
            f"of {', '.join(sorted(test['experiment'].unique()))}; evaluate it first"
        )
    return best_scores(ours).droplevel(["dataset", "split", "experiment"])


def table_rows(
    ours: dict[str, pd.DataFrame], dataset: str, others: dict[str, dict] = PAPER_ROWS
) -> list[Method]:
    """Return the rows of table 1, ours last.

    Parameters
    ----------
    ours : dict of str to DataFrame
        By the name of our method, see :func:`scores_of`.
    dataset : str
        Rows of others are left out of any but ISBI 2012's: they were measured
        on other images and cannot be compared.
    others : dict of str to dict of str to float
        By the name of a method, its scores on ISBI 2012.
    """
    rows = [Method(method, scores, {}) for method, scores in others.items()]
    own = [_method(name, best) for name, best in ours.items()]
    return [*(rows if dataset == DATASET else []), *own]


def _method(name: str, best: pd.DataFrame) -> Method:
    """Return the row of scores of seeds."""
    scores = best.mean().to_dict() if len(best) else {}
    spread = best.std(ddof=1).to_dict() if len(best) > 1 else {}
    return Method(name, scores, spread)


def note(seeds: int, dataset: str, submission: str | None = None, rows: int = 1) -> str:
    """Say how our rows came about and what they may be compared with.

    Parameters
    ----------
    seeds : int
        0 = there are no scores, since the test labels are unknown.
    dataset : str
        Its name.
    submission : str, optional
        Path of the probability stack, named when there are no scores.
    rows : int
        How many are ours.
    """
    parts = [_origin(seeds, rows) if seeds else _no_scores(dataset, submission)]
    if dataset == DATASET:
        parts.append(
            "Other rows: Ronneberger et al. (2015), table 1; V_Rand and V_Info of "
            "u-net: the challenge's later board. Bold: the best automatic method."
        )
    else:
        parts.append(
            "The paper's scores on ISBI 2012 are left out: those on "
            f"{dataset} cannot be compared with them."
        )
    return " ".join(parts)


def _origin(seeds: int, rows: int) -> str:
    """Say from how many seeds and at which threshold our scores are."""
    place = "Last row" if rows == 1 else f"Last {rows} rows"
    count = "1 seed" if seeds == 1 else f"mean ± standard deviation of {seeds} seeds"
    return (
        f"{place}: {count}; as in the challenge, each score is the best over the "
        "thresholds, chosen on the scored stack."
    )


def _no_scores(dataset: str, submission: str | None) -> str:
    """Say why there are no scores and how to get some."""
    stack = f"stack {submission}" if submission else "stack of the test slices"
    judge = (
        "submitted to the challenge" if dataset == DATASET else "scored once they are"
    )
    return (
        "The test labels are not available, so the last row has no scores; the "
        f"probability {stack} can be {judge}."
    )


def to_csv(rows: Sequence[Method]) -> str:
    """Return the means as CSV; unknown scores are empty."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["method", *(metric.name for metric in TABLE_METRICS)])
    for row in rows:
        found = [row.scores.get(metric.name) for metric in TABLE_METRICS]
        cells = ["" if value is None else f"{value:.9f}" for value in found]
        writer.writerow([row.name, *(cell.rstrip("0").rstrip(".") for cell in cells)])
    return table.getvalue()


def to_markdown(rows: Sequence[Method], note: str) -> str:
    """Return the table in GitHub's Markdown, the note below.

    Parameters
    ----------
    rows : sequence of Method
        Of :func:`table_rows`.
    note : str
        Of :func:`note`.
    """
    lines = [TITLES]
    for row, cells in zip(rows, _cells(rows, "**{}**"), strict=True):
        lines.append([row.name, *(cell or "–" for cell in cells)])
    table = markdown_table(lines, ["left"] + ["right"] * len(TABLE_METRICS))
    return f"{table}\n{note}\n"


def to_latex(rows: Sequence[Method], note: str) -> str:
    """Return the table as a LaTeX tabular (package booktabs), the note below.

    Parameters
    ----------
    rows, note
        See :func:`to_markdown`.
    """
    titles = " & ".join(LATEX_TITLES.get(title, title) for title in TITLES)
    lines = [r"\begin{tabular}{l" + "r" * len(TABLE_METRICS) + "}", r"\toprule"]
    lines += [titles + r" \\", r"\midrule"]
    for row, cells in zip(rows, _cells(rows, r"\textbf{{{}}}"), strict=True):
        cells = [cell.replace("±", r"$\pm$") or "--" for cell in cells]
        lines.append(" & ".join([_escaped(row.name), *cells]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", "", r"\smallskip"]
    return "\n".join([*lines, rf"{{\footnotesize {_escaped(note)}\par}}"]) + "\n"


def _cells(rows: Sequence[Method], bold: str) -> list[list[str]]:
    """Return the formatted scores of each row, the best ones in bold."""
    columns = []
    for metric in TABLE_METRICS:
        best = _best(rows, metric)
        columns.append([_cell(row, metric, best, bold) for row in rows])
    return [list(cells) for cells in zip(*columns, strict=True)]


def _best(rows: Sequence[Method], metric: Metric) -> str | None:
    """Return the best automatic score as shown; None if there is no contest."""
    shown = [
        f"{row.scores[metric.name]:.{metric.digits}f}"
        for row in rows
        if row.name != HUMAN and metric.name in row.scores
    ]
    if len(shown) < 2:
        return None
    return (max if metric.higher_is_better else min)(shown, key=float)


def _cell(row: Method, metric: Metric, best: str | None, bold: str) -> str:
    """Return one score with its spread, empty if unknown."""
    if metric.name not in row.scores:
        return ""
    shown = f"{row.scores[metric.name]:.{metric.digits}f}"
    text = bold.format(shown) if shown == best and row.name != HUMAN else shown
    if metric.name in row.spread:
        text += f" ± {row.spread[metric.name]:.{metric.digits}f}"
    return text


def _escaped(text: str) -> str:
    """Return `text` with LaTeX's special characters written out."""
    return "".join(LATEX_SPECIAL.get(character, character) for character in text)
