"""Write what README and docs show of the rows in docs/data: tables, verdicts, figures.

A table of a page stands between `<!-- its name -->` and `<!-- end -->`; of README, the
lines that begin with the sentence of a claim are written anew.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.errors import InputError
from unet2015.experiments.claims import compared, pilot, read_rows, replicates
from unet2015.experiments.design import read_design
from unet2015.experiments.paper_results import DATASET
from unet2015.experiments.snapshots import read_points
from unet2015.figures.claim_rows import draw_claims
from unet2015.figures.score_curves import draw_score_curves
from unet2015.figures.style import save
from unet2015.report.claim_tables import (
    claim_lines,
    claims_markdown,
    scores_markdown,
)
from unet2015.report.curve_table import curve_markdown

CLAIMS, CURVE = Path("data/claims.csv"), Path("data/paper_curve.csv")


class Claims(NamedTuple):
    """What the trainings that test claims say."""

    rows: pd.DataFrame
    claims: list[dict]
    table: pd.DataFrame  # see unet2015.experiments.claims.compared
    seeds: int | None  # pairs that each claim is to have
    again: dict | None  # the reference compared with itself


def main(argv: list[str] | None = None) -> None:
    """Read the rows, write pages and figures."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(), help="folder of README.md, config, docs"
    )
    root = parser.parse_args(argv).root
    docs = root / "docs"
    found, points = read_claims(root), read_points(docs / CURVE)
    claims = claims_markdown(found.table, found.seeds, found.again)
    scores = scores_markdown(found.rows, found.claims, found.seeds)
    fill(docs / "claims.md", {"claims": claims, "every score": scores})
    fill(docs / "paper.md", {"curve": curve_markdown(points)})
    write_lines(root / "README.md", claim_lines(found.table, found.seeds))
    save(draw_claims(found.table, found.seeds), [docs / "images/claims.png"])
    save(draw_score_curves(points, DATASET), [docs / "images/paper_curve.png"])


def read_claims(root: Path) -> Claims:
    """Read the rows of trainings and decide."""
    files = [root / f"config/{name}.yaml" for name in ("config", "claims")]
    claims, reference, design = read_design(files)
    rows = read_rows(root / "docs" / CLAIMS, design)
    primary = [claim for claim in claims if claim["primary"]]
    seeds = pilot(rows, primary, reference)
    table = compared(rows, claims, seeds)
    return Claims(rows, claims, table, seeds, replicates(rows, primary, reference))


def fill(page: Path, parts: dict[str, str]) -> None:
    """Write Markdown between the marks of a page that name it."""
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = replaced(rf"(?<=<!-- {name} -->\n\n).*?(?=\n<!-- end -->)", part, text)
    write_text(page, text)


def write_lines(page: Path, lines: dict[str, str]) -> None:
    """Write each line of a list anew, by what it begins with."""
    text = page.read_text(encoding="utf-8")
    for begin, line in lines.items():
        text = replaced(rf"(?<=\n){re.escape(begin)}[^\n]*", line, text)
    write_text(page, text)


def replaced(pattern: str, part: str, text: str) -> str:
    """Put a part in the only place of a text that fits a pattern."""
    text, count = re.subn(pattern, lambda _: part, text, flags=re.DOTALL)
    if count != 1:
        raise InputError(f"{pattern!r} fits {count} places, expected 1; mend the page")
    return text


if __name__ == "__main__":
    cli.run(main)
