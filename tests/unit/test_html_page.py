import base64
import json
import re
from pathlib import Path

import pytest

import report
from unet2015.report.html_page import caption, picture, render_page, table

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n..."
MARKDOWN = """
| method | Rand error |
| --- | ---: |
| IDSIA | 0.0504 |
| **unet** <b> | `0.0382` |

Lower is **better**.
"""


def test_table():
    html = table(MARKDOWN)
    assert "<th>method</th><th>Rand error</th>" in html
    assert "<tr><td>IDSIA</td><td>0.0504</td></tr>" in html
    assert "<strong>unet</strong> &lt;b&gt;</td><td><code>0.0382</code></td>" in html
    assert '<p class="note">Lower is <strong>better</strong>.</p>' in html
    assert "---" not in html


def test_row_with_a_first_cell_only_heads_a_group():
    html = table("| a | b |\n| --- | --- |\n| **x**: y | |\n| p | 1 |\n| q | |\n")
    assert '<tr class="group"><td colspan="2"><strong>x</strong>: y</td></tr>' in html
    assert "<tr><td>p</td><td>1</td></tr>" in html


def test_interval_stands_under_its_number():
    html = table("| a [px] |\n| ---: |\n| ▼ −0.1 [−0.2, −0.0] |\n")
    assert "<td>▼ −0.1<br><small>[−0.2, −0.0]</small></td>" in html
    assert "<th>a [px]</th>" in html


def test_picture_carries_its_data(tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    html = picture(tmp_path / "a.png", 'slices "0" & 1')
    assert 'alt="slices &quot;0&quot; &amp; 1"' in html
    assert base64.b64decode(re.search('base64,([^"]+)', html)[1]) == PNG
    assert html.startswith('<div class="wide">')  # scrolls rather than shrinks


def test_caption(tmp_path):
    (tmp_path / "a.rst").write_text("Scores of *one* run, ``w0`` = 10 & more.")
    html = caption(tmp_path / "a.rst")
    assert "<em>one</em>" in html
    assert "&amp; more" in html


def test_page_escapes_plain_text_and_links_its_parts():
    part = {"anchor": "a", "title": "A", "body": "<table>", "caption": "<p>c</p>"}
    html = render_page("t < 1", "a & b", [part], [("Code", [("k", "<v>")])])
    assert "<title>t &lt; 1</title>" in html
    assert "<p>a &amp; b</p>" in html
    assert '<a href="#a">A</a>' in html
    assert '<section id="a">' in html
    assert "<table>" in html
    assert "<td>k</td><td>&lt;v&gt;</td>" in html


def test_page_links_to_others_and_forbids_requests():
    html = render_page("t", "o", [], [], [("A & b", 'c".html')])
    assert '<a href="c&#34;.html">A &amp; b</a>' in html
    assert "default-src 'none'" in html


@pytest.fixture
def written(tmp_path):
    """Write a report of one figure; return it."""
    (tmp_path / "table1.md").write_text(MARKDOWN)
    (tmp_path / "weights.png").write_bytes(PNG)
    for name in ("table1", "weights"):
        (tmp_path / f"{name}.rst").write_text(f"What {name} shows.")
    record = {
        "commit": "abc",
        "python": "3.11",
        "platform": "Linux",
        "packages": {"numpy": "2.4.6"},
        "data": {
            "source": "phantom",
            "stacks": {"train-volume": {"shape": [2, 3, 4], "sha256": "d1ge5t"}},
        },
        "runs": [
            {"seed": 4, "steps": 9, "seconds": 12.3, "device": "cpu", "torch": "2.13"}
        ],
        "settings": {"weights.border": {"w0": 10}},
    }
    (tmp_path / "provenance.json").write_text(json.dumps(record))
    arguments = [
        *("--dataset", "mine"),
        *("--results", tmp_path / "table1.md", tmp_path / "weights.png"),
        *("--captions", tmp_path / "table1.rst", tmp_path / "weights.rst"),
        *("--provenance", tmp_path / "provenance.json"),
        *("--check", tmp_path / "check.html", "--slices", tmp_path / "slices.html"),
        *("--output", tmp_path / "report.html"),
    ]
    report.main([*map(str, arguments)])
    return (tmp_path / "report.html").read_text()


def test_report_shows_all_that_it_is_given(written):
    for text in (
        "unet2015 on mine",
        "What table1 shows.",
        "What weights shows.",
        "<strong>unet</strong>",
        "<td>seed 4</td><td>9 steps in 12 s on cpu, torch 2.13</td>",
        "phantom, [2, 3, 4], pixel sha256 d1ge5t",
        "<td>numpy</td><td>2.4.6</td>",
        "<td>commit</td><td>abc</td>",
        "w0",
    ):
        assert text in written


def test_report_needs_nothing_beside_itself(written):
    links = re.findall(r'(?:src|href)="(?!data:|#)([^"]*)', written)
    assert links == ["slices.html", "check.html"]


def test_every_result_of_the_rule_has_a_title():
    rules = "".join(
        (ROOT / f"workflow/rules/{name}.smk").read_text()
        for name in ("report", "experiments", "curve", "claims")
    )
    results = re.findall(r'"results/[^"]*/(\w+)\.(?:md|png)"', rules)
    assert len(results) > 10
    assert {*results} == {*report.TITLES}
