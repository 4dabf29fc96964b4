"""Scores as JSON, as a tidy table and as text."""

import csv
import io
import json

import numpy as np

from unet2015.metrics.challenge import METRICS, THRESHOLDS, Score


def as_json(scores: dict[str, Score] | None) -> str:
    """Return the scores as a JSON object.

    Parameters
    ----------
    scores : dict of str to Score or None
        From `challenge.evaluate`; None if the labels are not known.

    Returns
    -------
    str
        `thresholds` and, for each metric, `value`, `threshold`, `curve` and
        `seconds` (see `Score`), all null without scores.
    """
    document: dict = {"thresholds": THRESHOLDS.tolist()}
    for name in METRICS:
        score = scores[name] if scores else None
        document[name] = {
            "value": score and score.value,
            "threshold": score and score.threshold,
            "curve": score and score.curve.tolist(),
            "seconds": score and score.seconds,
        }
    return json.dumps(document, indent=1) + "\n"


def as_csv(scores: dict[str, Score] | None, slices: list[int]) -> str:
    """Return a tidy table of all curves.

    Parameters
    ----------
    scores : dict of str to Score or None
        From `challenge.evaluate`; None gives the header alone.
    slices : list of int
        Number of each evaluated slice in its label stack, from 0.

    Returns
    -------
    str
        CSV with the columns slice, metric, threshold, value: the curve of each
        slice alone that is known, and of the whole stack as slice `all`.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["slice", "metric", "threshold", "value"])
    for name, score in (scores or {}).items():
        curves = [*zip(slices, score.slices, strict=True), ("all", score.curve)]
        for number, curve in curves:
            if np.isnan(curve).any():  # nobody knows the labels of that slice
                continue
            for threshold, value in zip(THRESHOLDS, curve, strict=False):
                table.writerow([number, name, float(threshold), float(value)])
    return text.getvalue()


def as_text(scores: dict[str, Score] | None) -> str:
    """Return a small aligned table for the terminal."""
    lines = [f"{'metric':<14} {'score':>9} {'threshold':>9} {'seconds':>8}"]
    for name in METRICS:
        if scores:
            s = scores[name]
            row = f"{s.value:>9.6f} {s.threshold:>9.1f} {s.seconds:>8.2f}"
        else:
            row = f"{'unknown':>9} {'-':>9} {'-':>8}"
        lines.append(f"{name:<14} {row}")
    return "\n".join(lines) + "\n"
