"""Where a segmentation errs: splits, merges and the pixels that count."""

from matplotlib.figure import Figure, SubFigure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch

from unet2015.figures.error_panels import (
    FAINT,
    IGNORED,
    PALE,
    STRONG,
    TOO_LITTLE,
    TOO_MUCH,
    TRUTH,
    draw_panels,
)
from unet2015.figures.qualitative import Row
from unet2015.figures.scale_bar import draw_scale_bar
from unet2015.figures.score_choice import Shown
from unet2015.figures.style import WIDTH, styled
from unet2015.metrics.challenge import ERRORS


@styled
def draw(
    rows: list[Row],
    shown: list[Shown],
    thresholds: dict[str, float],
    nm_per_pixel: float | None = None,
) -> Figure:
    """Draw one row of panels a slice.

    Parameters
    ----------
    rows : list of Row
        The slices of `shown`, with labels; all of the same size.
    shown : list of Shown
        At least one.
    thresholds : dict of str to float
        Best threshold of `v_rand`, `warping_error` and `pixel_error`.
    nm_per_pixel : float, optional
        With it, the first image gets a scale bar.
    """
    height, width = rows[0].image.shape
    panel = WIDTH / 4 * height / width + 0.5
    figure = Figure(figsize=(WIDTH, len(rows) * panel + 0.65))
    *parts, foot = figure.subfigures(
        len(rows) + 1, 1, height_ratios=[panel] * len(rows) + [0.65]
    )
    for part, row, score in zip(parts, rows, shown, strict=True):
        panels = part.subplots(1, 4)
        part.subplots_adjust(
            left=0.003, right=0.997, bottom=0.005, top=1 - 0.44 / panel, wspace=0.03
        )
        part.text(0.003, 1 - 0.07 / panel, _headline(score, thresholds), va="top")
        draw_panels(panels, row, thresholds)
    if nm_per_pixel is not None:
        draw_scale_bar(parts[0].axes[0], (height, width), nm_per_pixel)
    _draw_keys(foot)
    return figure


def _headline(score: Shown, thresholds: dict[str, float]) -> str:
    """Return the title of a row: the slice and its scores."""
    names = {"v_rand": "V_Rand"} | {name: name.replace("_", " ") for name in ERRORS}
    parts = [
        f"{names[metric]} {value:.3g} (t = {thresholds[metric]:.1f})"
        for metric, value in score.scores.items()
    ]
    return f"slice {score.slice}, {score.rank}:  " + ",  ".join(parts)


def _draw_keys(foot: SubFigure) -> None:
    """Explain the colours under the columns."""
    keys = (
        (((TRUTH, 1), "true border"),),
        (
            ((TOO_MUCH, PALE, STRONG), "split cell: main piece, others"),
            ((TOO_LITTLE, PALE, STRONG), "merging region: main cell, others"),
        ),
        (
            ((TOO_MUCH, 1), "SPLIT pixel, ringed"),
            ((TOO_LITTLE, 1), "MERGE pixel, ringed"),
            ((IGNORED, FAINT), "does not count"),
        ),
        (((TOO_MUCH, 1), "false membrane"), ((TOO_LITTLE, 1), "missing membrane")),
    )
    note = "t: best threshold of all scored slices"
    foot.text(0.0085, 0.42, note, va="center", fontsize=8)
    for column, entries in enumerate(keys):
        foot.legend(
            [tuple(_patches(*colours)) for colours, _ in entries],
            [name for _, name in entries],
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
            loc="upper left",
            bbox_to_anchor=(0.003 + 0.2495 * column, 1),
            borderaxespad=0.5,
            borderpad=0,
            frameon=False,
            labelspacing=0.3,
        )


def _patches(colour: str, *opacities: float) -> list[Patch]:
    """Return a patch of each opacity, on white."""
    return [Patch(facecolor=colour, alpha=opacity, lw=0) for opacity in opacities]
