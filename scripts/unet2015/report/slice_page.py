"""A page that shows the slices of a stack, and needs nothing beside itself."""

import html
import json

from jinja2 import Environment

LAYERS = {
    "image": "Image",
    "probability": "Probability",
    "cells": "Cells",
    "errors": "Errors",
}
"""From the lowest to the highest; keys as in the pictures."""

TEMPLATE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
 img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{{ title }}</title>
<style>
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; height: 100dvh; color: #e8edf2;
       background: #12171d; font: 16px/1.4 system-ui, -apple-system, "Segoe UI",
       Helvetica, sans-serif; }
header, footer { padding: .6rem 1rem; background: #1d2630; }
h1 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
p { margin: .1rem 0 0; color: #aab6c2; font-size: .85rem; }
#stage { flex: 1; min-height: 0; position: relative; overflow: hidden;
         touch-action: none; cursor: grab; outline-offset: -3px; }
#sheet { position: absolute; transform-origin: 0 0; }
#sheet img { position: absolute; inset: 0; width: 100%; height: 100%;
             image-rendering: pixelated; pointer-events: none; user-select: none; }
#sheet img[hidden] { display: none; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
       margin-top: .5rem; }
.row:first-child { margin-top: 0; }
input[type=range] { accent-color: #56b4e9; height: 2rem; }
#slice { flex: 1; min-width: 8rem; }
#strength { width: 7rem; }
output { min-width: 8.5rem; font-variant-numeric: tabular-nums; }
button { min-height: 2.4rem; padding: 0 .8rem; border: 1px solid #55636f;
         border-radius: 6px; color: inherit; background: none; font: inherit; }
button[aria-pressed=true] { color: #12171d; background: #8fd0ff;
                            border-color: #8fd0ff; }
label { color: #aab6c2; font-size: .85rem; display: flex; gap: .4rem;
        align-items: center; }
.split { color: #f0894a; } .merge { color: #6fb7e8; }
kbd { padding: 0 .3em; border: 1px solid #55636f; border-radius: 3px;
      font: inherit; }
@media (pointer: coarse) { .keys { display: none; } }
@media (max-width: 40rem) { header, footer { padding: .5rem; }
  button { padding: 0 .55rem; font-size: .9rem; } .keys { display: none; } }
</style>
<header><h1>{{ title }}</h1><p>{{ note }}</p></header>
<div id="stage" tabindex="0" role="img" aria-label="Slice with the layers switched on">
<div id="sheet"></div></div>
<footer>
<div class="row"><input id="slice" type="range" min="0" step="1" value="0"
 aria-label="Slice"><output id="where" for="slice"></output></div>
<div class="row"><span id="layers" class="row"></span>
<label>strength <input id="strength" type="range" min="0" max="100" value="45"></label>
<button id="fit" title="key 0">Fit</button></div>
<p class="keys"><kbd>←</kbd> <kbd>→</kbd> slices, <kbd>Home</kbd> <kbd>End</kbd>,
<kbd>1</kbd>–<kbd>4</kbd> layers, <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom, drag to
move</p>
</footer>
<noscript>This page needs JavaScript to show its slices.</noscript>
<script id="data" type="application/json">{{ data }}</script>
<script>
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const [stage, sheet, slider, where, strength] =
  ["stage", "sheet", "slice", "where", "strength"]
    .map((id) => document.getElementById(id));
const { slices, layers, width, height, count } = data;
const on = { image: true, probability: false, cells: true, errors: true };
const pictures = {}, buttons = {};
let view = { x: 0, y: 0, zoom: 1 };

Object.keys(layers).forEach((name, index) => {
  const picture = pictures[name] = document.createElement("img");
  picture.alt = "";
  sheet.append(picture);
  const button = buttons[name] = document.createElement("button");
  button.textContent = layers[name];
  button.title = "key " + (index + 1);
  button.addEventListener("click", () => toggle(name));
  document.getElementById("layers").append(button);
});

function plural(number, word) {
  return number + " " + word + (number === 1 ? "" : "s");
}

function show() {
  const slice = slices[+slider.value];
  for (const name of Object.keys(layers)) {
    if (pictures[name].src !== slice[name]) pictures[name].src = slice[name];
    pictures[name].hidden = !on[name];
    const over = name === "cells" || (name === "probability" && on.image);
    pictures[name].style.opacity = over ? strength.value / 100 : 1;
    buttons[name].setAttribute("aria-pressed", on[name]);
  }
  where.textContent = "slice " + (slice.number + 1) + " of " + count;
  slider.setAttribute("aria-valuetext", where.textContent);
  if ("splits" in slice) {
    for (const [kind, word] of [["splits", "split"], ["merges", "merge"]]) {
      const text = document.createElement("span");
      text.className = word;
      text.textContent = ", " + plural(slice[kind], word);
      where.append(text);
    }
  }
}

function toggle(name) { on[name] = !on[name]; show(); }

function go(to) {
  slider.value = Math.min(Math.max(to, 0), slices.length - 1);
  show();
}

function fitted() {
  return Math.min(stage.clientWidth / width, stage.clientHeight / height);
}

function place() {
  const scale = fitted(), w = width * scale, h = height * scale;
  const bound = (at, size, room) => {
    const slack = room - size * view.zoom;
    return slack > 0 ? slack / 2 : Math.min(0, Math.max(slack, at));
  };
  view.x = bound(view.x, w, stage.clientWidth);
  view.y = bound(view.y, h, stage.clientHeight);
  sheet.style.width = w + "px";
  sheet.style.height = h + "px";
  sheet.style.transform =
    `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
}

function zoomAt(x, y, factor) {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), 40);
  view.x = x - (x - view.x) * zoom / view.zoom;
  view.y = y - (y - view.y) * zoom / view.zoom;
  view.zoom = zoom;
  place();
}

function middle(factor) {
  zoomAt(stage.clientWidth / 2, stage.clientHeight / 2, factor);
}

function fit() { view = { x: 0, y: 0, zoom: 1 }; place(); }

stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = stage.getBoundingClientRect();
  zoomAt(event.clientX - box.left, event.clientY - box.top,
         Math.exp(-event.deltaY / 400));
}, { passive: false });

const fingers = new Map();
stage.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, event);
  try { stage.setPointerCapture(event.pointerId); } catch { /* made by a test */ }
});
for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, (event) => fingers.delete(event.pointerId));
}
stage.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const [other] = [...fingers.values()]
    .filter((finger) => finger.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  if (other) {
    const box = stage.getBoundingClientRect();
    const span = (finger) => Math.hypot(finger.clientX - other.clientX,
                                        finger.clientY - other.clientY);
    zoomAt((event.clientX + other.clientX) / 2 - box.left,
           (event.clientY + other.clientY) / 2 - box.top,
           span(event) / Math.max(span(before), 1));
  } else {
    view.x += event.clientX - before.clientX;
    view.y += event.clientY - before.clientY;
    place();
  }
});

const keys = {
  ArrowLeft: () => go(+slider.value - 1), ArrowRight: () => go(+slider.value + 1),
  ArrowDown: () => go(+slider.value - 1), ArrowUp: () => go(+slider.value + 1),
  Home: () => go(0), End: () => go(slices.length - 1),
  "+": () => middle(1.5), "=": () => middle(1.5), "-": () => middle(1 / 1.5),
  "0": fit,
};
Object.keys(layers).forEach((name, index) => {
  keys[index + 1] = () => toggle(name);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = event.target === strength ? null : keys[event.key];
  if (act) { event.preventDefault(); act(); }
});

slider.max = slices.length - 1;
slider.addEventListener("input", show);
strength.addEventListener("input", show);
document.getElementById("fit").addEventListener("click", fit);
window.addEventListener("resize", place);
show();
place();
</script>
</html>
"""


def render_slices(
    title: str, note: str, shape: tuple[int, int, int], shown: list[dict]
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    title, note : str
        Plain text for the head of the page.
    shape : tuple of int
        Slices, height and width of the stack.
    shown : list of dict
        Of :func:`unet2015.figures.slice_layers.pictures`.
    """
    count, height, width = shape
    data = {
        "slices": shown,
        "layers": {key: LAYERS[key] for key in LAYERS if key in shown[0]},
        "count": count,
        "height": height,
        "width": width,
    }
    page = Environment(autoescape=False).from_string(TEMPLATE)  # noqa: S701
    return page.render(
        title=html.escape(title),
        note=html.escape(note),
        data=json.dumps(data).replace("<", "\\u003c"),
    )
