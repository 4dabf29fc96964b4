"""Curves of grey levels for a page, as SVG."""

from collections.abc import Iterator, Mapping

import numpy as np

CURVES = {
    "interior": ("cell interior, training", "#0072b2"),
    "membrane": ("membrane, training", "#d55e00"),
    "unknown": ("not annotated, training", "#8a6fb0"),
    "test": ("test volume", "#5c6773"),
}
"""Name and colour of each curve of grey levels."""

BINS = 32
WIDTH, HEIGHT = 480, 170
"""Of the drawing of grey levels; a screen scales it."""


def grey_curves(grey: Mapping[str, np.ndarray]) -> str:
    """Return curves of grey levels as HTML: a drawing and what each curve is.

    Parameters
    ----------
    grey : mapping of str to ndarray, shape (256,)
        Pixels of each grey level, by the keys of `CURVES`; without pixels no curve.
    """
    parts = {
        name: counts.reshape(BINS, -1).sum(1) / counts.sum()
        for name, counts in grey.items()
        if counts.sum()
    }
    top = max(curve.max() for curve in parts.values())
    lines = "".join(
        f'<polyline points="{" ".join(_points(curve / top))}" fill="none" '
        f'stroke="{CURVES[name][1]}" stroke-width="2"/>'
        for name, curve in parts.items()
    )
    keys = "".join(
        f'<span><i class="key" style="background: {CURVES[name][1]}"></i>'
        f"{CURVES[name][0]}</span> "
        for name in parts
    )
    ticks = "".join(
        f'<text x="{10 + level / 255 * (WIDTH - 20):.0f}" y="{HEIGHT - 4}" '
        f'text-anchor="middle">{level}</text>'
        for level in (0, 64, 128, 192, 255)
    )
    return (
        f'<svg class="grey" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Grey levels"><path d="M10 {HEIGHT - 20}H{WIDTH - 10}" '
        f'stroke="#aab6c2"/>{lines}{ticks}</svg><p class="keys">{keys}</p>'
    )


def _points(curve: np.ndarray) -> Iterator[str]:
    """Yield the points of a curve 0..1."""
    for k, height in enumerate(curve):
        x = 10 + (k + 0.5) / BINS * (WIDTH - 20)
        yield f"{x:.1f},{HEIGHT - 20 - (HEIGHT - 30) * height:.1f}"
