"""Labels that look shifted, copied, unannotated, inverted, or no cells."""

from collections.abc import Callable, Iterator

import numpy as np

from unet2015.data.cross_correlation import displacement
from unet2015.data.findings import Finding, Pair, listed
from unet2015.data.label_shift import LEAST, contrast, shift_of
from unet2015.data.slice_measures import SPECK, SliceMeasures, membrane_width
from unet2015.data.stacks import interior_fraction

ONE_CELL = 0.6
"""Part of the interior that one cell may cover. On ISBI 2012 it is 0.38 at most."""

SPECKS = 0.2
"""Part of the pieces that may be specks. On ISBI 2012 it is 0.05."""

BESIDE = 3, 0.012
"""By how much labels may lie beside what they mark, as people draw no better: pixels,
and part of the shorter side, of which large slices are compared no finer."""

THIN = 2.0
"""Pixels below which membranes are outlines."""

MEASURED = 5
"""Slices on which membranes are measured, evenly spaced: it takes the longest."""


def label_findings(pair: Pair) -> Iterator[Finding]:
    """Yield what is found on labels, if there are any."""
    if not pair.annotated:
        return
    for kind, slices, sentence in (*_by_slice(pair), *_copied(pair), *_beside(pair)):
        if slices:
            text = f"{pair.truth} {sentence.format(listed(slices))}"
            yield Finding(kind, pair.truth, slices, text)
    for kind, sentence in (*_polarity(pair), *_neighbours(pair), *_thin(pair)):
        yield Finding(kind, pair.truth, [], f"{pair.truth} {sentence}")


def width_of(pair: Pair) -> float:
    """Return how wide membranes are on some annotated slices, pixels."""
    known = pair.annotated
    step = -(-len(known) // MEASURED)
    return membrane_width(pair.labels[known[::step]]) if known else 0.0


def polarity_of(pair: Pair) -> str:
    """Say what speaks for 255 as cell interior."""
    area, grey = interior_fraction(pair.labels), contrast(pair.volume, pair.labels)
    brighter = "brighter" if grey >= 0 else "darker"
    return (
        f"cell interior covers {100 * area:.0f} % and is {abs(grey):.0f} grey levels "
        f"{brighter} than membrane"
    )


def few_annotated(train: Pair, folds: int) -> Iterator[Finding]:
    """Yield that a fold would hold no annotated slice."""
    count = len(train.annotated)
    if count == 1 or count < folds:
        cure = f"set run.folds to {count}" if count > 1 else "annotate another"
        yield Finding(
            "folds",
            train.truth,
            [],
            f"{train.truth} mark {count} of {len(train.volume)} slices, fewer than the "
            f"{folds} folds of cross-validation: {cure}, or give test-labels and leave "
            "cross-validation out",
        )


def _by_slice(pair: Pair) -> Iterator[tuple[str, list[int], str]]:
    """Yield kind, slices and sentence of what single slices show."""
    tests: dict[str, tuple[Callable[[SliceMeasures], bool], str]] = {
        "unannotated": (
            lambda s: not s.known,
            "mark nothing (127 throughout) in {}: annotate these slices, or leave them "
            "out of both stacks",
        ),
        "no membrane": (
            lambda s: s.known and s.interior == 1,
            "hold no membrane in {}: write 127 into slices that nobody labelled",
        ),
        "no interior": (
            lambda s: s.known and s.interior == 0,
            "hold no cell interior in {}: write 127 into slices that nobody labelled",
        ),
        "gaps": (
            lambda s: s.interior < 1 and s.largest > ONE_CELL,
            f"have one cell over more than {100 * ONE_CELL:.0f} % of the interior in "
            "{}: close gaps in its membranes, which merge cells",
        ),
        "specks": (
            lambda s: s.specks > max(SPECKS * s.cells, 1),
            f"have more than {100 * SPECKS:.0f} % of their cells below {SPECK} px in "
            "{}: fill or remove such specks",
        ),
    }
    for kind, (test, sentence) in tests.items():
        yield kind, [k for k, s in enumerate(pair.slices) if test(s)], sentence


def _copied(pair: Pair) -> Iterator[tuple[str, list[int], str]]:
    """Yield slices with the labels of the slice before, but with another image."""
    copied = [
        k
        for k in range(1, len(pair.slices))
        if 0 < pair.slices[k].interior < 1
        and np.array_equal(pair.labels[k], pair.labels[k - 1])
        and not np.array_equal(pair.volume[k], pair.volume[k - 1])
    ]
    yield (
        "copied",
        copied,
        "are those of the slice before in {}: annotate these slices themselves",
    )


def _beside(pair: Pair) -> Iterator[tuple[str, list[int], str]]:
    """Yield slices whose labels fit the image better some pixels away."""
    pixels, part = BESIDE
    moved, least = {}, max(pixels, part * min(pair.volume.shape[1:]))
    for k in pair.annotated:
        known = np.where(pair.labels[k] == 127, 127.5, pair.labels[k])
        found = displacement(known, pair.volume[k])
        better = abs(found.there) > abs(found.here) * 1.2
        if found.length > least and found.clear and better:
            moved[k] = found.length
    far = f"by about {np.median([*moved.values()]):.0f} px " if moved else ""
    yield (
        "shifted",
        list(moved),
        f"look shifted {far}beside what they mark in {{}}: compare both, and export "
        "the labels again if so",
    )


def _polarity(pair: Pair) -> Iterator[tuple[str, str]]:
    """Yield what speaks against 255 as cell interior."""
    area, grey = interior_fraction(pair.labels), contrast(pair.volume, pair.labels)
    if area in (0, 1):
        return
    if abs(grey) < LEAST:
        yield (
            "faint",
            f"part grey levels that differ by {abs(grey):.0f} of 255 only, expected at "
            f"least {LEAST:.0f}: look whether they belong to {pair.images}",
        )
    if grey <= -LEAST or (area < 0.5 and grey < LEAST):
        yield (
            "polarity",
            f"may be inverted, as {polarity_of(pair)}: set datasets.<name>.interior if "
            "the other value is the interior",
        )


def _neighbours(pair: Pair) -> Iterator[tuple[str, str]]:
    """Yield that labels seem to be those of the slices above or below."""
    if shift := shift_of(pair.volume, pair.labels):
        yield (
            "neighbour",
            f"fit {pair.images} better one slice {'later' if shift > 0 else 'earlier'} "
            "than where they lie: compare both stacks, and export the labels again if "
            "they are shifted",
        )


def _thin(pair: Pair) -> Iterator[tuple[str, str]]:
    """Yield that membranes are outlines."""
    width = width_of(pair)
    if 0 < width < THIN:
        yield (
            "thin",
            f"draw membranes about {width:g} px wide, expected at least {THIN:g}: draw "
            "them as wide as they are",
        )
