"""The page of a dataset before a training: what is in it, and what looks odd."""

import html
import json
from collections.abc import Mapping, Sequence

import numpy as np
from jinja2 import Environment

from unet2015.report.grey_curves import grey_curves
from unet2015.report.html_page import render_page, table
from unet2015.report.markdown import markdown_table

VIEWER = """<style>
.beside { display: grid; gap: .6rem;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.beside figure { margin: 0; }
.beside img { width: 100%; image-rendering: pixelated; background: #12171d; }
.beside figcaption { color: var(--soft); font-size: .92rem; }
.slider { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; }
.slider input { flex: 1; min-width: 10rem; height: 2.4rem;
                accent-color: var(--accent); }
.slider output { font-variant-numeric: tabular-nums; min-height: 1.6rem; }
.grey { display: block; width: 100%; max-width: 44rem; }
.grey text { font: 14px system-ui, sans-serif; fill: #5c6773; }
.key { display: inline-block; width: 1.6em; height: .25em; margin: 0 .4em .25em 0; }
.keys span { white-space: nowrap; margin-right: 1.2rem; }
.scores td:first-child { min-width: 0; }
.findings { margin: 0; padding-left: 1.3rem; }
.findings li { margin: .3rem 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; background: #f0f3f6; padding: .8rem; border-radius: 6px;
      font-size: .88rem; user-select: all; }
</style>
<div class="slider"><input id="at" type="range" min="0" max="{{ last }}" value="0"
 aria-label="Slice"><output id="shown" for="at">{{ first.text|e }}</output></div>
<div class="beside"><figure><img id="shown-image" alt="Slice" src="{{ first.image }}">
<figcaption>Slice</figcaption></figure>
<figure><img id="shown-labels" alt="Its labels" src="{{ first.labels }}">
<figcaption>Labels: each cell in a colour, membrane black, unknown grey</figcaption>
</figure></div>
<script type="application/json" id="data">{{ data }}</script>
<script>
"use strict";
{
  const of = (id) => document.getElementById(id);
  const slices = JSON.parse(of("data").textContent);
  of("at").addEventListener("input", () => {
    const shown = slices[+of("at").value];
    of("shown-image").src = shown.image;
    of("shown-labels").src = shown.labels;
    of("shown").textContent = shown.text;
  });
}
</script>"""


CELLS = (
    "Cells are 4-connected pieces of interior; the share of interior is that of the "
    "annotated pixels."
)


def render_check(
    record: Mapping,
    shown: Sequence[Mapping],
    grey: Mapping[str, np.ndarray],
    suggestion: tuple[str, Sequence[str]],
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    record : mapping
        `dataset`, `findings`, `stacks`, `labels` and `slices`, as `scripts/check.py`
        writes them.
    shown : sequence of mapping
        Of some slices `text` and the data URIs `image` and `labels`.
    grey : mapping of str to ndarray, shape (256,)
        Pixels of each grey level, by the keys of `CURVES`.
    suggestion : tuple
        Settings that follow, YAML, and a sentence for each on why.
    """
    labels = record["labels"]
    parts = [
        ("Findings", _findings(record["findings"]), ""),
        ("Slices", _viewer(shown), "Slices are counted from 0."),
        ("Stacks", _rows(_stacks(record["stacks"])), ""),
        ("Labels", _rows(_labels(labels)) + _polarity(labels), CELLS),
        ("Grey levels", grey_curves(grey), "Each curve has the same area."),
        ("Settings", _settings(*suggestion), ""),
        ("Slice by slice", _slices(record["slices"]), ""),
    ]
    rendered = [
        {"anchor": t.lower().replace(" ", "-"), "title": t, "body": b, "caption": c}
        for t, b, c in parts
    ]
    files = [
        (name, f"{stack['file']}, pixel sha256 {stack['sha256']}")
        for name, stack in record["stacks"].items()
    ]
    count = len(record["findings"])
    overview = (
        "What is in the stacks that a network will be trained on, looked at before "
        f"the training. {_number(count)} odd."
    )
    title = f"Check of {record['dataset']}"
    return render_page(title, overview, rendered, [("Data", files)])


def _number(count: int) -> str:
    """Return how many things there are, as a sentence begins."""
    return {0: "Nothing looks", 1: "1 thing looks"}.get(count, f"{count} things look")


def _findings(findings: Sequence[Mapping]) -> str:
    """Return the findings as a list."""
    if not findings:
        return "<p>Nothing that needs a cure.</p>"
    lines = (f"<li>{html.escape(each['sentence'])}.</li>" for each in findings)
    return f'<ul class="findings">{"".join(lines)}</ul>'


def _viewer(shown: Sequence[Mapping]) -> str:
    """Return some slices beside their labels, under a slider."""
    page = Environment(autoescape=False).from_string(VIEWER)  # noqa: S701
    data = json.dumps(list(shown)).replace("<", "\\u003c")
    return page.render(first=shown[0], last=len(shown) - 1, data=data)


def _rows(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows with the same keys as a table."""
    head = list(rows[0])
    lines = [[row[key] for key in head] for row in rows]
    aligned = ["left"] + ["right"] * (len(head) - 1)
    return table(markdown_table([head, *lines], aligned))


def _stacks(stacks: Mapping[str, Mapping]) -> list[dict[str, str]]:
    """Return a row for each stack: type and size."""
    return [
        {
            "stack": name,
            "type": stack["type"],
            "slices x px x px": " x ".join(map(str, stack["shape"])),
        }
        for name, stack in stacks.items()
    ]


def _labels(labels: Mapping[str, Mapping]) -> list[dict[str, str]]:
    """Return a row for each measure, of the label stacks that are known."""
    shown = {
        "annotated slices": lambda found: f"{found['annotated']}",
        "cell interior": lambda found: f"{100 * found['interior']:.0f} %",
        "membrane": lambda found: f"{100 - 100 * found['interior']:.0f} %",
        "cells a slice": lambda found: "{} to {}".format(*found["cells"]),
        "median cell": lambda found: f"{found['median_cell']:.0f} px",
        "membrane width": lambda found: f"{found['membrane_width']:.1f} px",
    }
    if all(found["nm_per_pixel"] for found in labels.values()):
        shown["the same in nm"] = lambda found: (
            f"{found['membrane_width'] * found['nm_per_pixel']:.0f} nm"
        )
    return [
        {"": what, **{name: shown[what](found) for name, found in labels.items()}}
        for what in shown
    ]


def _polarity(labels: Mapping[str, Mapping]) -> str:
    """Return which value of each mask was taken for cell interior, and why."""
    return "".join(
        f"<p>{html.escape(name)}: {html.escape(found['polarity'])}.</p>"
        for name, found in labels.items()
    )


def _slices(measures: Mapping[str, Sequence[Mapping]]) -> str:
    """Return what was measured on every slice, folded away."""
    return "".join(
        f"<details><summary>{name}: {len(slices)} slices</summary>"
        f"{_rows([_slice(number, found) for number, found in enumerate(slices)])}"
        "</details>"
        for name, slices in measures.items()
    )


def _slice(number: int, found: Mapping) -> dict[str, str]:
    """Return the row of a slice."""
    of_labels = {
        "interior": f"{100 * found['interior']:.0f} %",
        "cells": f"{found['cells']}",
        "median cell": f"{found['median_cell']:.0f} px",
        "largest cell": f"{100 * found['largest']:.0f} %",
    }
    return {
        "slice": str(number),
        "mean grey level": f"{found['mean']:.0f}",
        "contrast": f"{found['contrast']:.0f}",
        "annotated": f"{100 * found['known']:.0f} %",
        **(of_labels if found["known"] else dict.fromkeys(of_labels, "-")),
    }


def _settings(text: str, reasons: Sequence[str]) -> str:
    """Return YAML and the reasons for it."""
    lines = "".join(f"<li>{html.escape(reason)}</li>" for reason in reasons)
    return (
        "<p>What follows from these stacks: take it over into the file that you give "
        "as <code>CONFIG</code>.</p>"
        f'<pre id="yaml">{html.escape(text)}</pre><ul class="note">{lines}</ul>'
    )
