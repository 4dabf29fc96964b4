"""Write what README and docs show of the rows in docs/data: tables, verdicts, figures.

A table of a page stands between `<!-- its name -->` and `<!-- end -->`; of README, the
lines that begin with the sentence of a claim are written anew.
"""

import re
from pathlib import Path

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
from unet2015.report.claim_tables import claim_lines, claims_markdown, scores_markdown
from unet2015.report.curve_table import curve_markdown

CLAIMS, CURVE = Path("data/claims.csv"), Path("data/paper_curve.csv")


def main(argv: list[str] | None = None) -> None:
    """Read the rows, write pages and figures."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(), help="folder of README.md, config, docs"
    )
    root = parser.parse_args(argv).root
    write_claims(root)
    write_curve(root / "docs")


def write_claims(root: Path) -> None:
    """Write verdicts, every score and the figure of the claims."""
    docs = root / "docs"
    files = [root / f"config/{name}.yaml" for name in ("config", "claims")]
    claims, reference, design = read_design(files)
    rows = read_rows(docs / CLAIMS, design)
    seeds = pilot(rows, claims, reference)
    table = compared(rows, claims, seeds)
    verdicts = claims_markdown(table, seeds, replicates(rows, claims, reference))
    scores = scores_markdown(rows, claims, seeds)
    parts = {between("claims"): verdicts, between("every score"): scores}
    lines = {line(begin): text for begin, text in claim_lines(table, seeds).items()}
    fill(docs / "claims.md", parts)
    fill(root / "README.md", lines)
    save(draw_claims(table, seeds), [docs / "images/claims.png"])


def write_curve(docs: Path) -> None:
    """Write table and figure of the scores along the paper's own training."""
    points = read_points(docs / CURVE)
    fill(docs / "paper.md", {between("curve"): curve_markdown(points)})
    save(draw_score_curves(points, DATASET), [docs / "images/paper_curve.png"])


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
