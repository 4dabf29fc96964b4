"""What README and docs show of the committed rows is what the rows say."""

import shutil
from pathlib import Path

import pytest

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
    page.write_text("<!-- claims -->\n\nold\n")
    with pytest.raises(InputError, match=r"fits 0 places of .*, expected 1; mend"):
        document_results.fill(page, {document_results.between("claims"): "new\n"})
    assert page.read_text() == "<!-- claims -->\n\nold\n"
