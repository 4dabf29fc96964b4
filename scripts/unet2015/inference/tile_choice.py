"""How large tiles are, given a bound on the memory.

Context is computed anew for every tile, so few large tiles are less work than
many small ones: one pass 700 -> 516 of the paper's network costs 2.4 times less
than four of 572 -> 388.
"""

import functools
import itertools
import math
from typing import NamedTuple

from unet2015.errors import InputError
from unet2015.inference.tiling import canvas_side, cut, margin_of
from unet2015.network.memory import GB, Footprint, gigabytes
from unet2015.network.sizes import Geometry


def choose_tile(
    shape: tuple[int, int],
    footprint: Footprint,
    memory: float,
    beside: int = 0,
    tile: int = 0,
) -> tuple[int, int]:
    """Choose the tile of a slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    footprint : Footprint
        What a tile costs.
    memory : float
        Bound in GB; 0 = none.
    beside : int
        Bytes of the arrays of the size of a slice.
    tile : int
        Largest side of a tile, pixels, if it is not to be chosen; else 0.

    Returns
    -------
    tuple of int
        Largest height and width of a tile, pixels: the whole canvas if it fits;
        else, of all grids of tiles that fit, the one with the fewest pixels to
        compute, and of those the one of fewest tiles.

    Raises
    ------
    InputError
        If nothing fits; names the least `memory` that would do.
    """
    if not memory >= 0:
        raise InputError(
            f"inference.memory is {memory} GB, expected 0 (no bound) or more"
        )
    grids = [
        Grid.of(shape, footprint, sides, beside)
        for sides in itertools.product(
            *(_sides(side, footprint.geometry, tile, memory) for side in shape)
        )
    ]
    fitting = [grid for grid in grids if memory == 0 or grid.needed <= memory * GB]
    if not fitting:
        what = f"tiles of {tile} px" if tile else "the smallest tiles"
        least = gigabytes(min(grid.needed for grid in grids))
        raise InputError(
            f"inference.memory is {memory:g} GB, expected at least {least:g} GB for "
            f"{what} of {shape[0]} x {shape[1]} px; raise it, or 0 sets no bound"
        )
    return min(fitting).tile


class Grid(NamedTuple):
    """A way to cut a slice into tiles; the better, the smaller."""

    pixels: int  # that the network computes, context included
    count: int  # of tiles
    tile: tuple[int, int]  # largest height and width, pixels
    needed: int  # bytes

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        footprint: Footprint,
        tile: tuple[int, int],
        beside: int,
    ) -> "Grid":
        """Cut a slice and add up what that takes."""
        rows, columns = (
            _extents(side, footprint.geometry, largest)
            for side, largest in zip(shape, tile, strict=True)
        )
        return cls(
            rows.pixels * columns.pixels,
            rows.count * columns.count,
            tile,
            footprint.needed_bytes(rows.largest, columns.largest, beside),
        )


class Extents(NamedTuple):
    """The inputs of all tiles along one axis."""

    pixels: int  # of all together
    count: int
    largest: int  # of one, pixels


@functools.lru_cache
def _extents(side: int, geometry: Geometry, tile: int) -> Extents:
    """Cut one axis of a slice and add up."""
    sides = [part.tail - part.lead for part in cut(side, geometry, tile)]
    return Extents(sum(sides), len(sides), max(sides))


def _sides(side: int, geometry: Geometry, tile: int, memory: float) -> list[int]:
    """Return the sides of a tile that are worth a thought along an axis.

    They are the whole canvas and, for each number of tiles, the smallest side
    that makes so few.
    """
    total, step = canvas_side(side, geometry), geometry.step
    if tile or memory == 0:
        return [tile or total]
    covered = side + margin_of(geometry) - geometry.shrinkage // 2
    steps = math.ceil(covered / step)
    blocks = {math.ceil(steps / number) for number in range(1, steps + 1)}
    sides = (geometry.least_tile() + (block - 1) * step for block in sorted(blocks))
    return [*(s for s in sides if s < total), total]
