"""Slices that look blank, duplicated or shifted."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from unet2015.data.cross_correlation import Displacement, displacement
from unet2015.data.findings import Finding, Pair, listed
from unet2015.data.label_shift import FACTOR
from unet2015.data.stacks import pixel_sha256
from unet2015.data.usable import BLANK

FAINT = 0.1
"""Contrast of a blank slice at most, as a part of that of the median slice."""

ALIKE, APART = 0.99, 0.95
"""Correlation of neighbours from which they are one slice, saved twice; of the median
pair of neighbours up to which that is believed, as thin slices are alike."""

JUMP = 0.08
"""Of a slice's shorter side. Neighbours of ISBI 2012 lie up to 0.055 of it apart."""

COMPARED = 1024
"""Pixels along a side, of every so-manieth of which correlations are computed."""


def image_findings(pair: Pair) -> Iterator[Finding]:
    """Yield what is found on a volume."""
    blank = _blank(pair)
    if blank:
        yield Finding(
            "blank",
            pair.images,
            blank,
            f"{pair.images} is blank in {listed(blank)}: leave such slices out, or "
            "export them again",
        )
    for first, second in _duplicates(pair, set(blank)):
        yield Finding(
            "duplicate",
            pair.images,
            [first, second],
            f"{pair.images} shows the same in slice {first} and in slice {second}: "
            "leave one out, or a fold trains on what it scores",
        )
    for index, found in _jumps(pair):
        yield Finding(
            "jump",
            pair.images,
            [index, index + 1],
            f"{pair.images} looks shifted by {found.length:.0f} px from slice {index} "
            f"to slice {index + 1}: align the slices, or do not let the network see "
            "neighbours (augmentation.<name>.neighbours: 0)",
        )


def findings_between(train: Pair, test: Pair) -> Iterator[Finding]:
    """Yield what is found on both volumes together."""
    known = {pixel_sha256(image): k for k, image in enumerate(train.volume)}
    digests = map(pixel_sha256, test.volume)
    shared = [k for k, digest in enumerate(digests) if digest in known]
    if shared:
        yield Finding(
            "leak",
            test.images,
            shared,
            f"test-volume holds training slices as {listed(shared)}: leave them out, "
            "as what is trained on tests nothing",
        )
    means = [pair.volume.mean() for pair in (train, test)]
    spread = train.volume.std()
    if abs(means[1] - means[0]) > spread:
        yield Finding(
            "grey levels",
            test.images,
            [],
            f"test-volume has the mean grey level {means[1]:.0f} and train-volume "
            f"{means[0]:.0f}, more than its standard deviation of {spread:.0f} apart: "
            "image or scale both alike (datasets.<name>.intensity_range)",
        )


def _blank(pair: Pair) -> list[int]:
    """Return slices that show next to nothing."""
    contrasts = [found.contrast for found in pair.slices]
    least = max(BLANK, FAINT * float(np.median(contrasts)))
    return [k for k, contrast in enumerate(contrasts) if contrast <= least]


def _duplicates(pair: Pair, blank: set[int]) -> Iterator[tuple[int, int]]:
    """Yield pairs of slices with the same pixels, and neighbours with hardly others."""
    first: dict[str, int] = {}
    alike = [_correlation(*each) for each in pairwise(pair.volume)]
    believed = len(alike) > 1 and np.median(alike) < APART
    for index, image in enumerate(pair.volume):
        if index in blank:
            continue
        earlier = first.setdefault(pixel_sha256(image), index)
        if earlier < index:
            yield earlier, index
        elif index and believed and alike[index - 1] >= ALIKE:
            yield index - 1, index


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two slices, -1..1; 0 if one of them is constant."""
    step = -(-max(one.shape) // COMPARED)
    parts = [picture[::step, ::step].astype(np.float32) for picture in (one, other)]
    parts = [part - part.mean() for part in parts]
    size = np.linalg.norm(parts[0]) * np.linalg.norm(parts[1])
    return float((parts[0] * parts[1]).sum() / size) if size else 0.0


def _jumps(pair: Pair) -> Iterator[tuple[int, Displacement]]:
    """Yield slices from which to the next the tissue jumps, and how far."""
    least = JUMP * min(pair.volume.shape[1:])
    for index, (one, other) in enumerate(pairwise(pair.volume)):
        found = displacement(one, other)
        if found.length > least and found.clear and found.there > FACTOR * found.here:
            yield index, found
