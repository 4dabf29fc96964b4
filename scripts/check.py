"""Check a dataset before anything is trained on it, and show what is in it.

Nothing can be trained if volume and labels differ in shape, all slices are blank, the
labels have one class only, or there are fewer slices than folds: then it stops. All
else that looks odd stands on the page, each with its cure, beside slices and labels,
their measures, and the settings that follow from them. Whether masks are inverted is
decided before, by import_stacks.py, which stops if it cannot be.
"""

import argparse
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_json, write_text
from unet2015.config.suggested_settings import Suggestion, suggest
from unet2015.data.dataset import NAMES
from unet2015.data.findings import Finding, Pair, measured
from unet2015.data.image_findings import findings_between, image_findings
from unet2015.data.label_findings import (
    few_annotated,
    label_findings,
    polarity_of,
    width_of,
)
from unet2015.data.splits import thinned
from unet2015.data.stacks import (
    INTERIOR,
    MEMBRANE,
    UNKNOWN,
    as_mask,
    interior_fraction,
    read_image,
    read_labels,
)
from unet2015.data.tiff import open_stack
from unet2015.data.usable import check_usable
from unet2015.errors import InputError
from unet2015.figures.slice_pictures import grey_uri, label_uri
from unet2015.report.check_page import render_check
from unet2015.settings import read_json

EVENLY, FOUND = 6, 6
"""Slices that are shown: evenly spaced ones, and in each stack those with findings."""

LONGEST = 768
"""Pixels along a side of a picture."""


def main(argv: list[str] | None = None) -> None:
    """Read the stacks, look for what is odd, write the page and the record."""
    args = arguments(argv)
    settings, provenance = read(args.settings, SETTINGS), read(args.provenance, RECORD)
    train, test = (read_pair(args, part) for part in ("train", "test"))
    check_usable(train.volume, train.labels, settings["folds"])
    found = list(findings(train, test, settings["folds"]))
    for each in found:
        logging.warning("warning: %s", each.sentence)
    shape, annotated = train.volume.shape, len(train.annotated)
    suggestion = suggest(
        settings["dataset"], settings["entry"], shape, annotated, settings
    )
    record = describe(settings, provenance["stacks"], (train, test), found, suggestion)
    shown = [*pictures(train, found), *pictures(test, found, evenly=0)]
    page = render_check(
        record, shown, grey_levels(train, test), (suggestion.text, suggestion.reasons)
    )
    write_text(args.page, page)
    write_json(args.findings, record)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = cli.parser(
        __doc__,
        **dict.fromkeys(NAMES, "TIFF"),
        provenance="JSON",
        settings="JSON: dataset, entry, folds, ...",
        page="output HTML",
        findings="output JSON",
    )
    return parser.parse_args(argv)


def read_pair(args: argparse.Namespace, part: str) -> Pair:
    """Read a volume with its labels and measure them."""
    volume = read_image(getattr(args, f"{part}_volume"))
    return measured(part, volume, read_labels(getattr(args, f"{part}_labels")))


SETTINGS = ("dataset", "entry", "folds", "augmentation", "weights", "network")
RECORD = ("stacks",)
"""Keys of the files, all of them needed."""


def read(path: Path, keys: tuple[str, ...]) -> dict:
    """Read a JSON object and check that it has some keys."""
    found = read_json(path)
    lacking = [key for key in keys if key not in found]
    if lacking:
        raise InputError(
            f"{path} lacks {', '.join(lacking)}, expected all of {', '.join(keys)}; "
            "delete it and run the workflow again"
        )
    return found


def findings(train: Pair, test: Pair, folds: int) -> Iterator[Finding]:
    """Yield all that looks odd, the training stacks first."""
    for pair in (train, test):
        yield from image_findings(pair)
        yield from label_findings(pair)
        if pair is train:
            yield from few_annotated(train, folds)
    yield from findings_between(train, test)


def describe(
    settings: Mapping,
    stacks: Mapping,
    pairs: tuple[Pair, Pair],
    found: list[Finding],
    suggestion: Suggestion,
) -> dict:
    """Return what the page shows in figures, for programs."""
    files = settings["entry"].get("files", {})
    return {
        "dataset": settings["dataset"],
        "findings": [each._asdict() for each in found],
        "stacks": {
            name: {
                "file": (stacks[name].get("origin") or "none").removeprefix("file:"),
                "type": type_of(files.get(name), stacks[name]["available"]),
                "shape": stacks[name]["shape"],
                "sha256": stacks[name]["sha256"],
            }
            for name in NAMES
        },
        "labels": {
            pair.truth: labels_of(pair, settings["entry"], files.get(pair.truth))
            for pair in pairs
            if pair.annotated
        },
        "slices": {
            pair.images: [each._asdict() for each in pair.slices] for pair in pairs
        },
        "settings": suggestion.config,
    }


def type_of(path: str | None, available: bool) -> str:
    """Return the type of the pixels of a file; of stacks made here, what they are."""
    if not available:
        return "none"
    if path is None:
        return "uint8"
    if not Path(path).exists():
        return "no longer there"
    with open_stack(path) as stack:
        return str(stack.dtype)


def labels_of(pair: Pair, entry: Mapping, path: str | None) -> dict:
    """Return the measures of labels that are known."""
    known = [pair.slices[k] for k in pair.annotated]
    cells = [each.cells for each in known]
    return {
        "annotated": len(known),
        "interior": interior_fraction(pair.labels),
        "cells": [min(cells), max(cells)],
        "median_cell": float(np.median([each.median_cell for each in known])),
        "membrane_width": width_of(pair),
        "nm_per_pixel": entry.get("nm_per_pixel"),
        "polarity": f"{reading(pair, entry, path)}{polarity_of(pair)}",
    }


def reading(pair: Pair, entry: Mapping, path: str | None) -> str:
    """Say how the values of a label file were understood, and why."""
    if path is None or not Path(path).exists():
        return ""
    index = max(pair.annotated, key=lambda k: pair.slices[k].cells)
    with open_stack(path) as stack:
        mask = as_mask(stack[index])
    if mask is None:
        return "the file numbers cells, and 0 is membrane; "
    stated = entry.get("interior", "guess")
    why = "by area and grey level" if stated == "guess" else f"as interior: {stated}"
    turned = ((mask == MEMBRANE) & (pair.labels[index] == INTERIOR)).any()
    return f"in the file, {0 if turned else '255 or 1'} is cell interior ({why}); "


def pictures(
    pair: Pair, found: list[Finding], evenly: int = EVENLY
) -> Iterator[dict[str, str]]:
    """Yield some slices beside their labels, those with findings among them."""
    count = len(pair.volume)
    kinds: dict[int, list[str]] = {}
    for each in found:
        for number in each.slices if each.stack in pair.names else ():
            kinds.setdefault(number, []).append(each.kind)
    even = thinned(list(range(count)), min(evenly, count)) if evenly else []
    shrinkage = -(-max(pair.volume.shape[1:]) // LONGEST)
    for number in sorted({*even, *list(kinds)[:FOUND]}):
        slice_ = pair.slices[number]
        text = f"{pair.part} slice {number} of 0-{count - 1}"
        if slice_.known:
            text += f", {slice_.cells} cells, {100 * slice_.interior:.0f} % interior"
        text += "".join(f"; {kind}" for kind in kinds.get(number, ()))
        yield {
            "text": text,
            "image": grey_uri(pair.volume[number], shrinkage),
            "labels": label_uri(pair.labels[number], shrinkage),
        }


def grey_levels(train: Pair, test: Pair) -> dict[str, np.ndarray]:
    """Return how many pixels have each grey level, by what they show."""
    classes = {"interior": INTERIOR, "membrane": MEMBRANE, "unknown": UNKNOWN}
    return {
        name: np.bincount(train.volume[train.labels == label], minlength=256)
        for name, label in classes.items()
    } | {"test": np.bincount(test.volume.ravel(), minlength=256)}


if __name__ == "__main__":
    cli.run(main)
