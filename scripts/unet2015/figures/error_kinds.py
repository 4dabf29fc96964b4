"""What kind of error stands where: regions, residual pixels, single pixels."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from unet2015.metrics import components, mismatches, thinning, warping_error

SHARE = 0.25
"""Part of the smaller of cell and region that an overlap needs to count."""

PIXELS = 50
"""Pixels that an overlap needs to count."""


class RegionErrors(NamedTuple):
    """Splits and merges of one slice; maps are bool, shape (height, width)."""

    split: np.ndarray  # true cells that the proposal splits
    split_off: np.ndarray  # their pieces but the largest
    false_borders: np.ndarray  # thinned borders of the proposal between the pieces
    merged: np.ndarray  # proposed regions that merge true cells
    merged_in: np.ndarray  # the cells in them but the largest
    missing_borders: np.ndarray  # thinned true borders between the cells
    splits: int  # true cells split
    merges: int  # proposed regions that merge


class ResidualPixels(NamedTuple):
    """What the warping left over; bool, shape (height, width)."""

    split: np.ndarray
    merge: np.ndarray
    ignored: np.ndarray


def overlaps(cells: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return the sizes of the overlaps that count, 0 for the others.

    An overlap counts if it holds at least `PIXELS` pixels and at least `SHARE`
    of the smaller of the two. Of the smaller, so that neither a small cell
    swallowed by a large region nor a small piece of a large cell is missed,
    while a border that is a little off is no error.

    Parameters
    ----------
    cells, regions : ndarray, int32, shape (height, width)
        0 = membrane, 1, 2, ... = true cells and proposed regions.

    Returns
    -------
    ndarray, int64, shape (cells + 1, regions + 1)
        Pixels; row and column 0, the membranes, are 0.
    """
    shape = (int(cells.max()) + 1, int(regions.max()) + 1)
    pairs = cells.ravel().astype(np.int64) * shape[1] + regions.ravel()
    sizes = np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
    smaller = np.minimum(sizes.sum(axis=1)[:, np.newaxis], sizes.sum(axis=0))
    sizes[sizes < np.maximum(PIXELS, SHARE * smaller)] = 0
    sizes[0] = sizes[:, 0] = 0
    return sizes


def region_errors(
    label: np.ndarray, proposal: np.ndarray, threshold: float
) -> RegionErrors:
    """Find the true cells that are split and the regions that merge several.

    A cell is split if two or more regions have an overlap with it that counts
    (`overlaps`); a region merges if two or more cells have one with it.

    Parameters
    ----------
    label : ndarray, bool, shape (height, width)
        True = cell interior.
    proposal : ndarray, float64, shape (height, width)
        float32 probabilities of cell interior in double precision.
    threshold : float
        t; the regions are those of p > t, thinned as for V_Rand.
    """
    cells = components.label(label)
    regions = thinning.thin(components.label(proposal > threshold))
    table = overlaps(cells, regions)
    splits, merges = ((table > 0).sum(axis=axis) > 1 for axis in (1, 0))
    split, merged = splits[cells], merges[regions]
    # A region also covers the membrane between its cells: thin that as well,
    # unless there is no cell, when all of it would become one.
    grown = thinning.thin(cells) if label.any() else cells
    pieces = np.where(split & (table[cells, regions] > 0), regions, 0)
    inside = np.where(merged & (table[grown, regions] > 0), grown, 0)
    return RegionErrors(
        split=split,
        split_off=(pieces > 0) & (pieces != table.argmax(axis=1)[cells]),
        false_borders=_between(pieces, cells, splits),
        merged=merged,
        merged_in=(inside > 0) & (inside != table.argmax(axis=0)[regions]),
        missing_borders=_between(inside, regions, merges),
        splits=int(splits.sum()),
        merges=int(merges.sum()),
    )


def _between(parts: np.ndarray, wholes: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Mark the lines between the parts of a whole, for each chosen whole alone.

    Otherwise the border between two wholes would be marked, which is right.
    """
    lines = np.zeros(parts.shape, dtype=bool)
    boxes = ndimage.find_objects(wholes)
    most = np.iinfo(parts.dtype).max
    for number in np.flatnonzero(chosen):
        box = boxes[number - 1]
        within = wholes[box] == number
        part = np.where(within, parts[box], 0)
        highest = ndimage.maximum_filter(part, 3)
        lowest = ndimage.minimum_filter(np.where(part > 0, part, most), 3)
        lines[box] |= within & (part == 0) & (lowest < highest)
    return lines


def residual_pixels(
    label: np.ndarray, proposal: np.ndarray, threshold: float
) -> ResidualPixels:
    """Find the pixels that the warping error counts, and those it ignores.

    Parameters
    ----------
    label, proposal, threshold
        As for `region_errors`; the proposal is not thinned.
    """
    warped, left = warping_error.warp(label, proposal, threshold)
    ids = components.label(warped)
    # Each pixel alone through the metric's own function, so that the picture
    # cannot disagree with the score.
    kinds = [mismatches.classify(ids, left[k : k + 1]) for k in range(len(left))]
    split, merge = np.array(kinds, dtype=bool).reshape(-1, 2).T
    maps = np.zeros((3, *label.shape), dtype=bool)
    for drawn, chosen in zip(maps, (split, merge, ~(split | merge)), strict=True):
        drawn[tuple(left[chosen].T)] = True
    return ResidualPixels(*maps)
