"""One style for all figures, and files that repeat byte for byte."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError

# Drawn without a screen, on a cluster as well.
matplotlib.use("Agg")
# It reports every step of embedding a font in a PDF.
logging.getLogger("fontTools").setLevel(logging.WARNING)

OKABE_ITO = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
"""Colours that people with any colour vision tell apart (Okabe and Ito, 2008)."""

INK = "#222222"
WIDTH = 9.0
"""Inches: 900 pixels of a README at 100 dpi, so that 9 points stay readable."""

THRESHOLD = 0.5
"""Probability above which a pixel is shown as cell interior."""

RC = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same everywhere
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "figure.titlesize": 11,
    "axes.titlepad": 5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "pdf.fonttype": 42,  # text stays text, which journals ask for
    "svg.hashsalt": "unet2015",  # otherwise ids are random
}

METADATA = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
}
"""Suffixes that can be written, with what is left out to repeat byte for byte."""

styled = matplotlib.rc_context(RC)
"""Decorator or context that applies the style to what is drawn within."""


@styled
def draw_words(words: str) -> Figure:
    """Draw one grey panel that says why there is nothing to show."""
    figure = Figure(figsize=(WIDTH, 1.6))
    axes = figure.add_axes((0.003, 0.02, 0.994, 0.96))
    axes.set(xticks=[], yticks=[], facecolor="0.93")
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center")
    return figure


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the files of :func:`save`."""
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help=".png, .pdf or .svg"
    )


def save(figure: Figure, outputs: Sequence[Path | str]) -> None:
    """Write a figure to each path, whole or not at all.

    Parameters
    ----------
    figure : Figure
        Cropped to what is drawn.
    outputs : sequence of Path or str
        .png (200 dpi), .pdf or .svg; the same figure gives the same bytes.

    Raises
    ------
    InputError
        If a path ends otherwise; then none is written.
    """
    paths = [Path(output) for output in outputs]
    for path in paths:
        if path.suffix not in METADATA:
            raise InputError(
                f"{path} ends in {path.suffix!r}, expected one of "
                f"{', '.join(METADATA)}; rename the output"
            )
    for path in paths:
        with matplotlib.rc_context(RC), atomic_write(path) as temporary:
            figure.savefig(
                temporary,
                dpi=200,
                bbox_inches="tight",
                pad_inches=0.05,
                metadata=METADATA[path.suffix],
            )


def show(axes: Axes, image: np.ndarray, title: str = "", **keywords):
    """Show an image without ticks, by default in grey levels 0..255.

    Parameters
    ----------
    axes : Axes
        Empty.
    image : ndarray, shape (height, width) or (height, width, 3)
        One channel, or red, green and blue.
    title : str
        Above it.
    **keywords
        Of `Axes.imshow`.

    Returns
    -------
    AxesImage
        For a colour bar.
    """
    if image.ndim == 2 and "cmap" not in keywords:
        keywords = {"cmap": "gray", "vmin": 0, "vmax": 255} | keywords
    shown = axes.imshow(image, **keywords)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title)
    return shown


def rule(axes: Axes) -> None:
    """Draw a pale grid, and no frame at the top and the right."""
    axes.grid(color="0.9", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def letter(axes: Axes, name: str) -> None:
    """Put the panel's letter in bold at the left end of its title line."""
    axes.set_title(name, loc="left", fontweight="bold", fontsize=10)
