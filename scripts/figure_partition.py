"""Draw what the partition into cells changed: errors before and after, its cells.

Shown are the slice that gains and the one that loses most V_Rand; without labels, the
two that change most.
"""

import argparse

import numpy as np
from matplotlib.figure import Figure

from unet2015 import cli
from unet2015.data.affinities import read_affinities
from unet2015.data.same_shape import check_shapes
from unet2015.data.splits import read_slices
from unet2015.data.stacks import read_image, read_labels, read_probability
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError
from unet2015.experiments.scores import SCORE_COLUMNS, read_table
from unet2015.figures.changed_slices import (
    ChangedSlice,
    SliceScores,
    most_differing,
    most_gained_and_lost,
    v_rand_of_slices,
)
from unet2015.figures.partition_panels import (
    PartitionedSlice,
    draw_partition,
    is_interior,
    longest,
)
from unet2015.figures.slice_choice import choose_slices
from unet2015.figures.style import add_output, save


def main(argv: list[str] | None = None) -> None:
    """Read stacks and scores, choose two slices, draw them."""
    args = arguments(argv)
    rows, offset = read_rows(args)
    scores = read_scores(args, rows)
    save(figure(rows, offset, scores, args.nm_per_pixel), args.output)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__,
        "volume labels probability split",
        scores="CSV of evaluate.py --scores, of the probability",
        partitioned="probability that partition.py wrote, TIFF",
        partitioned_scores="CSV of evaluate.py --scores, of that",
        instances="ids of cells that partition.py wrote, TIFF",
        affinities="TIFF that predict wrote",
    )
    parser.add_argument("--nm-per-pixel", type=float, help="draws a scale bar")
    add_output(parser)
    return parser.parse_args(argv)


def read_rows(
    args: argparse.Namespace,
) -> tuple[list[PartitionedSlice], tuple[int, int, int]]:
    """Return what is shown of each scored slice, and the offset of its affinity.

    Raises
    ------
    InputError
        If a file cannot be read, or is of another size than the probability.
    """
    volume = read_image(args.volume)
    labels = read_labels(args.labels)
    probability = read_probability(args.probability)
    scored = read_slices(args.split, "score", len(volume))
    # All of them: the scores tell which are shown.
    before = choose_slices(volume, labels, probability, scored, len(scored))
    affinities, offsets = read_affinities(args.affinities)
    shown = longest(offsets)
    stacks = {
        args.partitioned: read_probability(args.partitioned),
        args.affinities: affinities[:, shown],
        args.instances: read_stack(args.instances),
    }
    for path, stack in stacks.items():
        check_shapes(str(args.probability), probability.shape, str(path), stack.shape)
    rows = zip(before, *stacks.values(), strict=True)
    return [PartitionedSlice(*row) for row in rows], offsets[shown]


def read_scores(
    args: argparse.Namespace, rows: list[PartitionedSlice]
) -> tuple[SliceScores, SliceScores] | None:
    """Return V_Rand of the slices before and after; None if nobody knows the truth.

    Raises
    ------
    InputError
        If a score table cannot be read, or is of other slices.
    """
    paths = (args.scores, args.partitioned_scores)
    tables = [read_table(path, SCORE_COLUMNS) for path in paths]
    if rows[0].before.labels is None or any(table.empty for table in tables):
        return None
    found = [v_rand_of_slices(table) for table in tables]
    known = {row.before.slice for row in rows}
    for path, scores in zip(paths, found, strict=True):
        # Slices that nobody has labels for are in no table.
        if other := scores.values.keys() - known:
            raise InputError(
                f"{path} scores slice {min(other)}, expected one of "
                f"{', '.join(map(str, known))} (the scored slices of the split); give "
                "the score table of the same split"
            )
    return tuple(found)


def figure(
    rows: list[PartitionedSlice],
    offset: tuple[int, int, int],
    scores: tuple[SliceScores, SliceScores] | None,
    nm_per_pixel: float | None,
) -> Figure:
    """Draw the two slices that the partition changes most."""
    known = {row.before.slice: row for row in rows}
    thresholds = None
    if scores:
        chosen = most_gained_and_lost(*(found.values for found in scores))
        thresholds = tuple(found.threshold for found in scores)
    else:
        chosen = most_differing(
            np.stack([is_interior(row.before.probability) for row in rows]),
            np.stack([is_interior(row.after) for row in rows]),
            [*known],
        )
    return draw_partition(
        [known[each.slice] for each in chosen],
        [headline(each, scores) for each in chosen],
        offset,
        thresholds,
        nm_per_pixel,
    )


def headline(
    chosen: ChangedSlice, scores: tuple[SliceScores, SliceScores] | None
) -> str:
    """Say which slice a row shows, and what the partition does to its score."""
    words = f"slice {chosen.slice}, {chosen.rank}:  "
    if not scores:
        return f"{words}its V_Rand is not known"
    parts = [
        f"{found.values[chosen.slice]:.4f} {when} ({panel}, t = {found.threshold:.1f})"
        for found, when, panel in zip(scores, ("before", "after"), "ab", strict=True)
    ]
    return f"{words}V_Rand {', '.join(parts)}"


if __name__ == "__main__":
    cli.run(main)
