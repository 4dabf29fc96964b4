"""Table 1 as CSV, Markdown and LaTeX."""

import csv
import io
from collections.abc import Sequence

from unet2015.experiments.paper_results import DATASET, HUMAN, METRICS, Metric
from unet2015.experiments.scores import Row

TITLES = ["method", *(metric.title for metric in METRICS)]
LATEX_TITLES = {"V_Rand": r"$V^\mathrm{Rand}$", "V_Info": r"$V^\mathrm{Info}$"}
LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
}


def note(seeds: int, dataset: str, submission: str | None = None) -> str:
    """Say how our row came about and what it may be compared with.

    Parameters
    ----------
    seeds : int
        0 = there are no scores, since the test labels are unknown.
    dataset : str
        Its name.
    submission : str, optional
        Path of the probability stack, named when there are no scores.
    """
    parts = [_origin(seeds) if seeds else _no_scores(dataset, submission)]
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


def _origin(seeds: int) -> str:
    """Say from how many seeds and at which threshold the scores are."""
    count = "1 seed" if seeds == 1 else f"mean ± standard deviation of {seeds} seeds"
    return (
        f"Last row: {count}; as in the challenge, each score is the best over the "
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


def to_csv(rows: Sequence[Row]) -> str:
    """Return the means as CSV; unknown scores are empty."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["method", *(metric.name for metric in METRICS)])
    for row in rows:
        found = [row.scores.get(metric.name) for metric in METRICS]
        cells = ["" if value is None else f"{value:.9f}" for value in found]
        writer.writerow([row.method, *(_without_zeros(cell) for cell in cells)])
    return table.getvalue()


def to_markdown(rows: Sequence[Row], note: str) -> str:
    """Return the table in GitHub's Markdown, the note below."""
    lines = [TITLES, ["---"] + ["---:"] * len(METRICS)]
    for row, cells in zip(rows, _cells(rows, "**{}**"), strict=True):
        lines.append([row.method.replace("|", "\\|"), *(cell or "–" for cell in cells)])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{note}\n"


def to_latex(rows: Sequence[Row], note: str) -> str:
    """Return the table as a LaTeX tabular (package booktabs), the note below."""
    titles = " & ".join(LATEX_TITLES.get(title, title) for title in TITLES)
    lines = [r"\begin{tabular}{l" + "r" * len(METRICS) + "}", r"\toprule"]
    lines += [titles + r" \\", r"\midrule"]
    for row, cells in zip(rows, _cells(rows, r"\textbf{{{}}}"), strict=True):
        cells = [cell.replace("±", r"$\pm$") or "--" for cell in cells]
        lines.append(" & ".join([_escaped(row.method), *cells]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", "", r"\smallskip"]
    return "\n".join([*lines, rf"{{\footnotesize {_escaped(note)}\par}}"]) + "\n"


def _cells(rows: Sequence[Row], bold: str) -> list[list[str]]:
    """Return the formatted scores of each row, the best ones in bold."""
    columns = []
    for metric in METRICS:
        best = _best(rows, metric)
        columns.append([_cell(row, metric, best, bold) for row in rows])
    return [list(cells) for cells in zip(*columns, strict=True)]


def _best(rows: Sequence[Row], metric: Metric) -> str | None:
    """Return the best automatic score as shown; None if there is no contest."""
    shown = [
        f"{row.scores[metric.name]:.{metric.digits}f}"
        for row in rows
        if row.method != HUMAN and metric.name in row.scores
    ]
    if len(shown) < 2:
        return None
    return (max if metric.higher_is_better else min)(shown, key=float)


def _cell(row: Row, metric: Metric, best: str | None, bold: str) -> str:
    """Return one score with its spread, empty if unknown."""
    if metric.name not in row.scores:
        return ""
    shown = f"{row.scores[metric.name]:.{metric.digits}f}"
    text = bold.format(shown) if shown == best and row.method != HUMAN else shown
    if metric.name in row.spread:
        text += f" ± {row.spread[metric.name]:.{metric.digits}f}"
    return text


def _without_zeros(number: str) -> str:
    """Drop the zeros at the end of a decimal number."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _escaped(text: str) -> str:
    """Return `text` with LaTeX's special characters written out."""
    return "".join(LATEX_SPECIAL.get(character, character) for character in text)
