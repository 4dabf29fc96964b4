"""Offsets of affinities: from a pixel to its partner, (slices, rows, columns)."""

import math
from collections.abc import Sequence
from numbers import Integral

from unet2015.errors import InputError

FARTHEST = 2**20
"""Pixels that no offset reaches."""

Offsets = tuple[tuple[int, int, int], ...]

Places = tuple[slice, ...]
"""Of each axis of an array."""


def check_offsets(offsets: object, name: str) -> Offsets:
    """Return offsets as tuples.

    Parameters
    ----------
    offsets : object
        As read: a sequence of (slices, rows, columns), pixels.
    name : str
        What the message calls the place where they stand.

    Raises
    ------
    InputError
        If there is none, if one is not three whole numbers or leads nowhere, or if two
        are the same or opposite.
    """
    try:
        found = tuple(tuple(offset) for offset in offsets)
    except TypeError:
        found = ()
    whole = all(
        isinstance(n, Integral) and abs(n) < FARTHEST
        for offset in found
        for n in offset
    )
    if not found or not whole or {len(offset) for offset in found} != {3}:
        raise InputError(
            f"{name} has the offsets {offsets!r:.80}, expected one or more of three "
            f"whole numbers each, slices, rows and columns, below {FARTHEST}; correct "
            "them"
        )
    found = tuple(tuple(int(n) for n in offset) for offset in found)
    pairs = {max(offset, tuple(-n for n in offset)) for offset in found}
    if len(pairs) < len(found) or (0, 0, 0) in pairs:
        raise InputError(
            f"{name} has the offsets {found!s:.80}, expected none that is zero, the "
            "same as another or its opposite, for they say the same; leave it out"
        )
    return found


def attracting(offsets: Sequence[Sequence[int]], longest: float) -> list[bool]:
    """Return which offsets are at most as long as a length, pixels."""
    return [math.hypot(*offset) <= longest for offset in offsets]


def paired(shape: Sequence[int], offset: Sequence[int]) -> tuple[Places, Places]:
    """Return the pixels whose partner lies in the array too, and these partners.

    Parameters
    ----------
    shape : sequence of int
        Of the array, pixels.
    offset : sequence of int
        From a pixel to its partner, along each axis.

    Returns
    -------
    here, there : tuple of slice
        Of equal size; empty if the offset leads out of the array from everywhere.

    Examples
    --------
    >>> paired((4, 5), (1, -2))
    ((slice(0, 3, None), slice(2, 5, None)), (slice(1, 4, None), slice(0, 3, None)))
    """
    starts = [max(0, -shift) for shift in offset]
    stops = [
        max(start, min(side, side - shift))
        for side, shift, start in zip(shape, offset, starts, strict=True)
    ]
    here = tuple(map(slice, starts, stops))
    there = (
        slice(start + shift, stop + shift)
        for start, stop, shift in zip(starts, stops, offset, strict=True)
    )
    return here, tuple(there)
