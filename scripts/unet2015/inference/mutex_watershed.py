"""Mutex watershed: instances from affinities that attract and affinities that repel.

The edges between pixels are taken from the strongest to the weakest. One that attracts
joins the instances of its two pixels, unless these exclude each other; one that repels
makes them exclude each other from then on, unless they are one already. There are
neither seeds nor thresholds.

Strong is an edge by its affinity p if it attracts, by 1 - p (rounded as p is) if it
repels. Of equally strong ones, that of the offset which stands first is taken first,
and of one offset, that of the pixel which comes first in raster order.

Joining is union-find with path halving. An instance has a list of those it excludes;
when two are joined, the shorter list goes over to the longer. Who excludes whom stands
in a hash table besides, where one look decides on an edge. Time is O(edges log edges).
Memory is linear: 20 bytes an edge and a copy of the affinities if they are float32, 11
bytes an edge if they are uint8, and up to 60 bytes for each two instances that exclude
each other.

References
----------
Wolf et al. 2018, "The Mutex Watershed: Efficient, Parameter-Free Image Partitioning",
ECCV, doi:10.1007/978-3-030-01225-0_34. Wolf et al. 2020, "The Mutex Watershed and its
Objective: Efficient, Parameter-Free Graph Partitioning", IEEE PAMI,
doi:10.1109/TPAMI.2020.2980827. Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom
Number Generators", OOPSLA (SplitMix64).
"""

from collections.abc import Sequence

import numpy as np

from unet2015.data.affinities import HIGHEST
from unet2015.data.compiled import compiled
from unet2015.data.offsets import check_offsets
from unet2015.data.stacks import check_probability
from unet2015.data.union_find import root
from unet2015.errors import InputError

MOST = 2**30
"""Affinities that can be numbered, with twice as many entries of lists."""

DIGIT = 10
"""Bits that a pass of the sorting looks at: three passes for float32 in 0..1."""

ONE = int(np.float32(1).view(np.uint32))
"""The bits of 1 as float32: the order of such bits is that of the numbers."""

NONE = -1
"""The end of a list; a free place of the table."""


def mutex_watershed(
    affinities: np.ndarray,
    offsets: Sequence[Sequence[int]],
    attractive: Sequence[bool],
    keep: int = 1,
) -> np.ndarray:
    """Return the instances that affinities make of a stack.

    Parameters
    ----------
    affinities : ndarray, shape (offsets, slices, rows, columns)
        Probability that a pixel and the one at + offset are of one instance: float32,
        0..1, or uint8, 255 = 1. What leads out of the stack is not looked at.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.
    attractive : sequence of bool
        Of each offset, whether its edges attract; else they repel.
    keep : int
        One repelling edge in so many takes part, drawn by SplitMix64 of the edge's
        place in `affinities`, the same in every call.

    Returns
    -------
    ndarray, int32, shape (slices, rows, columns)
        1, 2, ... = instances, in the order of their first pixel.

    Raises
    ------
    InputError
        If shape, offsets or flags do not fit together, `keep` is less than 1, or the
        affinities hold NaN, leave 0..1 or are more than can be numbered.

    Examples
    --------
    >>> next_one, next_but_one = [0.9, 0.6, 0.9, 0], [0.2, 0.3, 0, 0]
    >>> affinities = np.float32([next_one, next_but_one]).reshape(2, 1, 1, 4)
    >>> mutex_watershed(affinities, [(0, 0, 1), (0, 0, 2)], [True, False])
    array([[[1, 1, 2, 2]]], dtype=int32)
    """
    affinities = _check_affinities(affinities)
    offsets, attractive = _check_edges(affinities, offsets, attractive, keep)
    shape, table = affinities.shape[1:], np.array(offsets, np.int64)
    chosen = _chosen(shape, table, attractive, keep)
    one = affinities.dtype.type(HIGHEST if affinities.dtype == np.uint8 else 1)
    strengths, edges = _edges(affinities, chosen, attractive, one)
    del chosen
    if affinities.dtype == np.uint8:
        order = _sorted(one - strengths, edges, 8)
    else:
        order = _sorted(ONE - strengths.view(np.uint32), edges, ONE.bit_length())
    steps = table @ (shape[1] * shape[2], shape[2], 1)
    parents = _joined(order, steps, attractive, shape[0] * shape[1] * shape[2])
    return _numbered(parents).reshape(shape)


def _check_affinities(affinities: np.ndarray) -> np.ndarray:
    """Refuse what are no affinities; return them in C order."""
    if affinities.ndim != 4 or 0 in affinities.shape or affinities.size > MOST:
        raise InputError(
            f"affinities have the shape {affinities.shape}, expected (offsets, slices, "
            f"rows, columns), none 0 and at most {MOST} in all; give each slice alone, "
            "or fewer offsets"
        )
    if affinities.dtype != np.uint8:
        affinities = check_probability(affinities, "affinities")
    return np.ascontiguousarray(affinities)


def _check_edges(
    affinities: np.ndarray, offsets: object, attractive: object, keep: int
) -> tuple[tuple[tuple[int, int, int], ...], np.ndarray]:
    """Refuse offsets or flags that do not belong to affinities; return both."""
    offsets = check_offsets(offsets, "the mutex watershed")
    flags = np.array(attractive, bool)
    if flags.shape != (len(offsets),) or len(offsets) != len(affinities):
        raise InputError(
            f"{len(affinities)} affinities come with {len(offsets)} offsets and flags "
            f"of the shape {flags.shape}, expected one of each; give them all"
        )
    if keep < 1:
        raise InputError(
            f"keep is {keep}, expected 1 or more; 1 keeps every repelling edge"
        )
    return offsets, flags


@compiled
def _chosen(shape, offsets, attractive, keep):
    """Say of each affinity whether it is an edge that takes part."""
    slices, rows, columns = shape
    chosen = np.zeros((len(offsets), slices, rows, columns), np.bool_)
    for k in range(len(offsets)):
        dz, dy, dx = offsets[k]
        for z in range(max(0, -dz), slices - max(0, dz)):
            for y in range(max(0, -dy), rows - max(0, dy)):
                for x in range(max(0, -dx), columns - max(0, dx)):
                    place = ((k * slices + z) * rows + y) * columns + x
                    chosen[k, z, y, x] = (
                        attractive[k] or _random(place) % np.uint64(keep) == 0
                    )
    return chosen


@compiled
def _random(place):
    """Return the first number of SplitMix64 seeded by a place."""
    bits = np.uint64(place) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@compiled
def _edges(affinities, chosen, attractive, one):
    """Return strength and place of each edge that takes part."""
    count = np.count_nonzero(chosen)
    strengths, edges = np.empty(count, affinities.dtype), np.empty(count, np.int32)
    values, taken = affinities.ravel(), chosen.ravel()
    pixels, n = chosen[0].size, 0
    for place in range(len(taken)):
        if taken[place]:
            p = values[place]
            # Of -0 the bits are other than those of 0.
            strengths[n] = abs(p) if attractive[place // pixels] else one - p
            edges[n] = place
            n += 1
    return strengths, edges


@compiled
def _sorted(keys, edges, bits):
    """Sort edges by their keys, the lowest first, equal ones as they stand."""
    other_keys, other_edges = np.empty_like(keys), np.empty_like(edges)
    for shift in range(0, bits, DIGIT):
        places = np.zeros((1 << DIGIT) + 1, np.int64)
        for key in keys:
            places[((key >> shift) & ((1 << DIGIT) - 1)) + 1] += 1
        places = np.cumsum(places)
        for i in range(len(keys)):
            digit = (keys[i] >> shift) & ((1 << DIGIT) - 1)
            place = places[digit]
            places[digit] += 1
            other_keys[place], other_edges[place] = keys[i], edges[i]
        keys, other_keys = other_keys, keys
        edges, other_edges = other_edges, edges
    return edges


@compiled
def _joined(order, steps, attractive, pixels):
    """Take the edges in their order; return a forest whose trees are the instances."""
    parents = np.arange(pixels, dtype=np.int32)
    # Lists of the excluded, by root: entries that name a pixel and the next entry.
    heads, lengths = np.full(pixels, NONE, np.int32), np.zeros(pixels, np.int32)
    excluded, following = np.empty(1024, np.int32), np.empty(1024, np.int32)
    table, used, entries = np.full(4096, NONE, np.int64), 0, 0
    for edge in order:
        offset = edge // pixels
        pixel = edge - offset * pixels
        a, b = root(parents, pixel), root(parents, pixel + steps[offset])
        if a == b:
            continue
        pair, listed = _pair(a, b, pixels), heads[a] != NONE and heads[b] != NONE
        if listed and table[_place(table, pair)] == pair:
            continue
        if lengths[a] < lengths[b]:
            a, b = b, a
        if 3 * (used + lengths[b] + 1) > 2 * len(table):
            table, used = _rebuilt(table, parents, pixels, lengths[b] + 1)
        if attractive[offset]:
            parents[b] = a
            used += _hand_over(
                a, b, parents, heads, lengths, excluded, following, table
            )
            continue
        if entries + 2 > len(excluded):
            excluded, following = _longer(excluded), _longer(following)
        table[_place(table, pair)] = pair
        used += 1
        _exclude(a, b, entries, heads, lengths, excluded, following)
        entries += 2
    return parents


@compiled
def _exclude(a, b, entry, heads, lengths, excluded, following):
    """Name each of two instances in the list of the other, from an entry on."""
    for one, other in ((a, b), (b, a)):
        excluded[entry], following[entry] = other, heads[one]
        heads[one] = entry
        lengths[one] += 1
        entry += 1


@compiled
def _hand_over(a, b, parents, heads, lengths, excluded, following, table):
    """Give `a` the list of `b`, which it was joined with; return how many are new."""
    added, entry = 0, heads[b]
    while entry != NONE:
        after = following[entry]
        other = root(parents, excluded[entry])
        pair = _pair(a, other, len(parents))
        place = _place(table, pair)
        if table[place] != pair:
            table[place] = pair
            excluded[entry], following[entry] = other, heads[a]
            heads[a] = entry
            added += 1
        entry = after
    lengths[a] += added
    return added


@compiled
def _pair(a, b, pixels):
    """Return one number for two instances, whatever their order."""
    return np.int64(min(a, b)) * pixels + max(a, b)


@compiled
def _place(table, pair):
    """Return where a pair stands in the table, or the free place for it."""
    mask = np.uint64(len(table) - 1)
    mixed = np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)
    place = (mixed ^ (mixed >> np.uint64(32))) & mask
    while table[place] != NONE and table[place] != pair:
        place = (place + np.uint64(1)) & mask
    return place


@compiled
def _rebuilt(table, parents, pixels, more):
    """Return a table of the pairs of instances that still are, and their number."""
    used = 0
    for pair in table:
        used += pair != NONE and _are_roots(pair, parents, pixels)
    size = 4096
    while size < 2 * (used + more):
        size *= 2
    fresh = np.full(size, NONE, np.int64)
    for pair in table:
        if pair != NONE and _are_roots(pair, parents, pixels):
            fresh[_place(fresh, pair)] = pair
    return fresh, used


@compiled
def _are_roots(pair, parents, pixels):
    """Return whether both instances of a pair still stand for themselves."""
    a = pair // pixels
    b = pair - a * pixels
    return parents[a] == a and parents[b] == b


@compiled
def _longer(entries):
    """Return entries with room for as many again."""
    longer = np.empty(2 * len(entries), entries.dtype)
    longer[: len(entries)] = entries
    return longer


@compiled
def _numbered(parents):
    """Return 1, 2, ... for each tree of a forest, in the order of first pixels."""
    numbers, count = np.zeros(len(parents), np.int32), 0
    labels = np.empty(len(parents), np.int32)
    for pixel in range(len(parents)):
        instance = root(parents, pixel)
        if numbers[instance] == 0:
            count += 1
            numbers[instance] = count
        labels[pixel] = numbers[instance]
    return labels
