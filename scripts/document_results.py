"""Write what README and docs show of the rows in docs/data: tables, verdicts, figures.

A table of a page stands between `<!-- its name -->` and `<!-- end -->`; of README, the
lines that begin with the sentence of a claim are written anew.
"""

import re
from pathlib import Path

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.config.experiments import against_of, differing_in_steps
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.errors import InputError
from unet2015.experiments import rows as runs
from unet2015.experiments.choices import choices
from unet2015.experiments.claims import compared, pilot, read_rows, replicates
from unet2015.experiments.design import read_design
from unet2015.experiments.effects import effects
from unet2015.experiments.paper_results import BOARD_ROWS, DATASET
from unet2015.experiments.snapshots import read_points
from unet2015.experiments.time_to_accuracy import points
from unet2015.figures.accuracy_plot import draw_time_to_accuracy
from unet2015.figures.claim_rows import draw_claims
from unet2015.figures.score_curves import draw_score_curves
from unet2015.figures.style import save
from unet2015.report.beside_paper import beside_paper_markdown
from unet2015.report.claim_tables import (
    claim_lines,
    claims_markdown,
    scores_markdown,
    simulation_markdown,
)
from unet2015.report.curve_table import curve_markdown
from unet2015.report.effect_tables import (
    choices_markdown,
    effects_markdown,
    summary_markdown,
)
from unet2015.report.table1 import note, table_rows, to_markdown

CLAIMS, CURVE = Path("data/claims.csv"), Path("data/paper_curve.csv")
CHOICES = ("ladder", "neighbours")
"""Experiments on folds by which the values of the default preset are chosen."""

EFFECTS = {"continue": "own-stacks", "partition_choices": "results"}
"""Experiments that are shown by their scores and effects, each with its page."""

PRESETS = {
    "unet": "unet2015, default preset",
    "affinities": "unet2015, affinities alone",
    "cells": "unet2015, with partitioning",
    "cells-8000": "unet2015, with partitioning, 8,000 steps",
}
"""What experiments that are read on the test stack are called."""

IN_TABLE1 = (PRESETS["unet"], PRESETS["cells"])

BOARD_NOTE = (
    "Own rows: mean ± standard deviation of the seeds, each score the best over the "
    "thresholds. Other rows: the best entries of the challenge's later board, as "
    "remembered, not verified. Bold: the best."
)


def main(argv: list[str] | None = None) -> None:
    """Read the rows, write pages and figures."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(), help="folder of README.md, config, docs"
    )
    root = parser.parse_args(argv).root
    write_claims(root)
    write_curve(root / "docs")
    write_effects(root)
    write_choices(root)
    write_time(root)
    write_reading(root)


def write_claims(root: Path) -> None:
    """Write verdicts, every score and the figure of the claims."""
    docs = root / "docs"
    claims, reference, design = read_design(overlays(root, "claims"))
    rows = read_rows(docs / CLAIMS, design)
    seeds = pilot(rows, claims, reference)
    table = compared(rows, claims, seeds)
    verdicts = claims_markdown(table, seeds, replicates(rows, claims, reference))
    scores = scores_markdown(rows, claims, seeds)
    parts = {
        between("claims"): verdicts,
        between("every score"): scores,
        between("simulated errors"): simulation_markdown(),
    }
    lines = {line(begin): text for begin, text in claim_lines(table, seeds).items()}
    fill(docs / "claims.md", parts)
    fill(root / "README.md", lines)
    save(draw_claims(table, seeds), [docs / "images/claims.png"])


def write_curve(docs: Path) -> None:
    """Write table and figure of the scores along the paper's own training."""
    curve = read_points(docs / CURVE)
    fill(docs / "paper.md", {between("curve"): curve_markdown(curve)})
    save(draw_score_curves(curve, DATASET), [docs / "images/paper_curve.png"])


def write_effects(root: Path) -> None:
    """Write scores and effects of experiments, as far as they have been trained."""
    for name, page in EFFECTS.items():
        rows, config = read_runs(root, name)
        reference = config["run"]["reference"]
        if set(rows["experiment"]) <= {reference}:
            continue
        table = effects(rows, reference, against_of(config))
        parts = {
            between(f"{name}, scores"): summary_markdown(runs.summarise(rows)),
            between(f"{name}, effects"): effects_markdown(table, reference),
        }
        fill(root / f"docs/{page}.md", parts)


def write_choices(root: Path) -> None:
    """Write what may take the place of the preset."""
    for name in CHOICES:
        rows, config = read_runs(root, name)
        reference = config["run"]["reference"]
        table = choices(rows, reference, against_of(config))
        part = choices_markdown(table, reference)
        fill(root / "docs/results.md", {between(name): part})


def write_time(root: Path) -> None:
    """Draw what longer training buys."""
    rows, config = read_runs(root, "ladder")
    trained = set(rows["experiment"])
    shown = [name for name in differing_in_steps(config) if name in trained]
    figure = draw_time_to_accuracy(points(rows, shown))
    save(figure, [root / "docs/images/time_to_accuracy.png"])


def write_reading(root: Path) -> None:
    """Write what the presets score on the test stack."""
    rows = runs.read_rows(root / "docs/data/reading.csv")
    rows = rows.replace({"experiment": PRESETS})
    every = {
        name: table.set_index("seed")[runs.SCORES]
        for name, table in rows.groupby("experiment", sort=False)
    }
    ours = {name: every[name] for name in IN_TABLE1}
    seeds = rows["seed"].nunique()
    table = to_markdown(table_rows(ours, DATASET), note(seeds, DATASET, rows=len(ours)))
    board = to_markdown(table_rows(every, DATASET, BOARD_ROWS), BOARD_NOTE)
    parts = {
        between("table 1"): table,
        between("beside the paper"): beside_paper_markdown(rows),
        between("beside the board"): board,
    }
    fill(root / "docs/results.md", parts)
    own = [line(f"| {name} |") for name in IN_TABLE1]
    plain = {each: re.search(each, table).group().replace("**", "") for each in own}
    fill(root / "README.md", plain)


def read_runs(root: Path, name: str) -> tuple[pd.DataFrame, dict]:
    """Return the rows of an overlay on the default config, and the config of both."""
    rows = runs.read_rows(root / f"docs/data/{name}.csv")
    return rows, complete(read_overlays(overlays(root, name)))


def overlays(root: Path, name: str) -> list[Path]:
    """Return the files of the default config and of an overlay on it."""
    return [root / f"config/{each}.yaml" for each in ("config", name)]


def between(name: str) -> str:
    """Return the pattern of what stands between the marks of a name."""
    return rf"(?s)(?<=<!-- {name} -->\n\n).*?(?=\n<!-- end -->)"


def line(begin: str) -> str:
    """Return the pattern of a line by what it begins with."""
    return rf"(?m)^{re.escape(begin)}.*$"


def fill(page: Path, parts: dict[str, str]) -> None:
    """Put each part in the only place of a page that fits its pattern."""
    text = page.read_text(encoding="utf-8")
    for pattern, part in parts.items():
        text, count = re.subn(pattern, lambda _, part=part: part, text)
        if count != 1:
            raise InputError(
                f"{pattern!r} fits {count} places of {page}, expected 1; mend the page"
            )
    write_text(page, text)


if __name__ == "__main__":
    cli.run(main)
