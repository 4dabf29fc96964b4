"""Pages of results: one HTML file that needs nothing beside itself."""

import base64
import html
import re
from collections.abc import Sequence
from pathlib import Path

from docutils.core import publish_parts
from jinja2 import Environment

TEMPLATE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
 img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{{ title }}</title>
<style>
:root { --ink: #1d2630; --soft: #5c6773; --line: #dfe4ea; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #f6f7f9;
       font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, sans-serif; }
header { background: var(--ink); color: #fff; padding: 2.5rem 0; }
header > div, main { max-width: 70rem; margin: auto; padding: 0 1.5rem; }
header h1 { margin: 0 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
header p { margin: 0; color: #c9d2dc; max-width: 48rem; }
a { color: var(--accent); }
nav a { color: #8fd0ff; margin-right: 1.2rem; text-decoration: none;
        display: inline-block; }
nav { margin-top: 1rem; }
main { padding-top: 1rem; padding-bottom: 4rem; }
section { background: #fff; border: 1px solid var(--line); border-radius: 10px;
          padding: 1.2rem 1.6rem; margin: 1.4rem 0; }
h2 { margin: 0 0 .8rem; font-size: 1.25rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
img { display: block; max-width: 100%; margin: auto; }
.caption, .note { color: var(--soft); font-size: .92rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .7rem; border-bottom: 1px solid var(--line);
         text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
thead th { border-bottom: 2px solid var(--ink); }
.scores { font-size: .9rem; }
.scores td { white-space: nowrap; }
.scores td:first-child { white-space: normal; min-width: 8rem; }
.scores small { color: var(--soft); font-size: .78em; }
.scores .group td { background: #f0f3f6; }
#table1 tbody tr:last-child { background: #eaf4fb; }
.facts td { text-align: left; word-break: break-word; }
.facts td:first-child { color: var(--soft); white-space: nowrap; width: 13rem; }
@media (max-width: 40rem) {
  header { padding: 1.5rem 0; }
  header > div { padding: 0 1rem; }
  main { padding: 0 .5rem 2rem; }
  section { padding: 1rem; margin: .8rem 0; }
  th, td { padding: .4rem; }
  .wide img { max-width: none; width: 44rem; }
  .facts td:first-child { white-space: normal; width: 7rem; }
}
</style>
<header><div>
<h1>{{ title }}</h1>
<p>{{ overview }}</p>
<nav>{% for part in parts %}<a href="#{{ part.anchor }}">{{ part.title }}</a>
{% endfor %}<a href="#provenance">Provenance</a>
{% for name, place in links %}<a href="{{ place|e }}">{{ name|e }}</a>
{% endfor %}</nav>
</div></header>
<main>
{% for part in parts %}
<section id="{{ part.anchor }}">
<h2>{{ part.title }}</h2>
{{ part.body }}
<div class="caption">{{ part.caption }}</div>
</section>
{% endfor %}
<section id="provenance">
<h2>Provenance</h2>
{% for group, facts in provenance %}
<h3>{{ group }}</h3>
<div class="wide"><table class="facts">
{% for key, value in facts %}<tr><td>{{ key|e }}</td><td>{{ value|e }}</td></tr>
{% endfor %}</table></div>
{% endfor %}
</section>
</main>
</html>
"""


def render_page(
    title: str,
    overview: str,
    parts: list[dict],
    provenance: list[tuple],
    links: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    title, overview : str
        Plain text for the head of the page.
    parts : list of dict
        Each with `anchor`, `title`, `body` and `caption`; the last two HTML.
    provenance : list of tuple
        (heading, list of (key, value)), plain text.
    links : sequence of tuple
        (name, relative path) of pages that lie beside this one.
    """
    page = Environment(autoescape=False).from_string(TEMPLATE)  # noqa: S701
    return page.render(
        title=html.escape(title),
        overview=html.escape(overview),
        parts=parts,
        provenance=provenance,
        links=links,
    )


def picture(path: Path, text: str) -> str:
    """Return a PNG as an HTML image with its own data; it scrolls on a phone.

    Parameters
    ----------
    path : Path
        PNG.
    text : str
        Said where the image cannot be seen.
    """
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    image = f'<img alt="{html.escape(text)}" src="data:image/png;base64,{data}">'
    return f'<div class="wide">{image}</div>'


def caption(path: Path) -> str:
    """Return a reStructuredText caption as HTML."""
    parts = publish_parts(
        path.read_text(encoding="utf-8"),
        writer="html5",
        settings_overrides={"halt_level": 3, "raw_enabled": False},
    )
    return parts["body"]


def table(markdown: str) -> str:
    """Return the table and the notes of a Markdown file as HTML.

    A row with a first cell only spans the table and heads a group of rows. An
    interval in square brackets stands in small print under its number.

    Parameters
    ----------
    markdown : str
        One table of GitHub's Markdown, and lines of notes.
    """
    lines = markdown.strip().splitlines()
    rows = [line.strip().strip("|").split("|") for line in lines if line[:1] == "|"]
    notes = [line for line in lines if line.strip() and line[:1] != "|"]
    head, body = rows[0], rows[2:]  # the second line only rules off the head
    return (
        '<div class="wide"><table class="scores"><thead><tr>'
        + "".join(f"<th>{_inline(cell)}</th>" for cell in head)
        + "</tr></thead><tbody>"
        + "\n".join(_row(row) for row in body)
        + "</tbody></table></div>"
        + "".join(f'<p class="note">{_inline(note)}</p>' for note in notes)
    )


def _row(cells: list[str]) -> str:
    """Return a row as HTML; a first cell without others is the head of a group."""
    first, *others = (_inline(cell) for cell in cells)
    if others and not any(others):
        return f'<tr class="group"><td colspan="{len(cells)}">{first}</td></tr>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (first, *others)) + "</tr>"


def _inline(text: str) -> str:
    """Return one cell's Markdown (bold, code and intervals only) as HTML."""
    text = html.escape(text.strip())
    text = re.sub(r" (\[[^\]]+, [^\]]+\])", r"<br><small>\1</small>", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)
