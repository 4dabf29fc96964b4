"""What README and docs show of the committed rows is what the rows say."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from experiment_rows import rows

import document_results
from unet2015.errors import InputError

ROOT = Path(__file__).parents[2]
DOCS = ("claims", "own-stacks", "paper", "results")
DRAWN = ("claims", "paper_curve", "time_to_accuracy")
PAGES = ["README.md", *(f"docs/{name}.md" for name in DOCS)]
FIGURES = [f"docs/images/{name}.png" for name in DRAWN]


@pytest.fixture
def copy(tmp_path):
    """README, config and docs in a folder of their own."""
    for name in ("config", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_pages_show_the_committed_rows(copy):
    document_results.main([f"--root={copy}"])
    for name in [*PAGES, *FIGURES]:
        shown, made = ((root / name).read_bytes() for root in (ROOT, copy))
        assert shown == made, f"{name}: run `python scripts/document_results.py`"


def test_a_row_less_is_seen_on_every_page_of_its_table(copy):
    rows = copy / "docs" / document_results.CLAIMS
    kept = rows.read_text().splitlines()[:-1]
    rows.write_text("\n".join(kept) + "\n")
    document_results.main([f"--root={copy}"])
    for name in ("README.md", "docs/claims.md"):
        assert "11 of 12 pairs so far" in (copy / name).read_text(encoding="utf-8")


def test_a_page_without_the_marks_of_a_table_stays_as_it_is(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- claims -->\n\nstale\n")
    with pytest.raises(InputError, match=r"fits 0 places of .*, expected 1; mend"):
        document_results.fill(page, {document_results.between("claims"): "new\n"})
    assert page.read_text() == "<!-- claims -->\n\nstale\n"


def test_a_reading_of_the_test_stack_is_written_where_it_belongs(tmp_path):
    seeds = [("test", seed) for seed in range(5)]
    names = ("affinities", "cells", "cells-8000")
    table = pd.concat([rows("unet", runs=seeds), *(rows(n, 0.1, seeds) for n in names)])
    for name, low, high in (("v_rand", 0.97, 0.98), ("v_info", 0.98, 0.99)):
        table.loc[table["experiment"] == "unet", name] = np.linspace(low, high, 5)
    (tmp_path / "docs/data").mkdir(parents=True)
    table.to_csv(tmp_path / "docs/data/reading.csv", index=False)
    own = ["default preset", "with partitioning"]
    names = ("table 1", "beside the paper", "beside the board")
    marks = [f"<!-- {name} -->\n\nstale\n\n<!-- end -->\n" for name in names]
    (tmp_path / "docs/results.md").write_text("".join(marks))
    stale = [f"| unet2015, {name} | stale |\n" for name in own]
    (tmp_path / "README.md").write_text("".join(stale))
    document_results.write_reading(tmp_path)
    page = (tmp_path / "docs/results.md").read_text(encoding="utf-8")
    assert "| unet2015, default preset | 5 | ▼ 0.200000 [0.200000, 0.200000] |" in page
    assert "| 0.97500 [0.97009, 0.97991] | 0.98500 [0.98009, 0.98991] |" in page
    assert "| unet2015, with partitioning | 5 | ▼ 0.300000" in page
    assert (
        "| 3D U-Net, mutex watershed | – | – | – | **0.98792** | **0.99183** |" in page
    )
    table1, board = (
        re.search(document_results.between(name), page).group()
        for name in ("table 1", "beside the board")
    )
    assert re.findall("unet2015, ([^|]+) \\|", table1) == own
    assert "| unet2015, with partitioning, 8,000 steps | 0.300000 ± 0.000000 |" in board
    assert "stale" not in page
    shown = (tmp_path / "README.md").read_text(encoding="utf-8")
    first = (
        "| unet2015, default preset | 0.200000 ± 0.000000 | 0.2000 ± 0.0000 | 0.2000 "
    )
    assert shown.startswith(first)
    assert "| unet2015, with partitioning | 0.300000 ± 0.000000 |" in shown
    assert "**" not in shown
