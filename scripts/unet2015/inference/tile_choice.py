"""In which tiles the views of a slice are predicted, given a bound on the memory.

Context is computed anew for every tile, so few large tiles are less work than
many small ones: one pass 700 -> 516 of the paper's network costs 2.4 times less
than four of 572 -> 388.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from unet2015.errors import InputError
from unet2015.inference.tiling import canvas_side, cut, margin_of
from unet2015.inference.views import views
from unet2015.network.layers import Layers
from unet2015.network.memory import GB, VALUE, gigabytes, needed_bytes, weight_bytes
from unet2015.network.sizes import Sizes


def choose_tiles(
    shape: tuple[int, int],
    layers: Layers,
    settings: dict,
    networks: int = 1,
    affinities: int = 0,
) -> list[tuple[int, int]]:
    """Choose the tile of each view of a slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    layers : tuple of Layer
        Of one network.
    settings : dict
        The section `inference` of the config: `test_time_augmentation`, `memory`,
        `tile`.
    networks : int
        How many are averaged; the weights of all stay in memory.
    affinities : int
        How many are predicted beside the probability.

    Returns
    -------
    list of tuple of int
        See :func:`choose_tile`.
    """
    kind, channels = settings["test_time_augmentation"], layers[0].inputs
    beside = slice_bytes(shape, kind, channels, affinities)
    beside += (networks - 1) * weight_bytes(layers)
    memory, tile = settings["memory"], settings["tile"]
    seen = [view.shape for view in views(kind, shape)]
    chosen = {
        each: choose_tile(each, layers, memory, beside, tile)
        for each in dict.fromkeys(seen)
    }
    return [chosen[each] for each in seen]


def count_tiles(
    shape: tuple[int, int],
    sizes: Sizes,
    settings: dict,
    tiles: Sequence[tuple[int, int]],
) -> int:
    """Return how often each network runs for one slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    sizes : Sizes
        Of the network.
    settings : dict
        The section `inference` of the config: `test_time_augmentation`.
    tiles : sequence of tuple of int
        Of :func:`choose_tiles`.
    """
    seen = views(settings["test_time_augmentation"], shape)
    grids = (
        Grid.of(view.shape, sizes, tile) for view, tile in zip(seen, tiles, strict=True)
    )
    return sum(grid.count for grid in grids)


def slice_bytes(
    shape: tuple[int, int], kind: str, channels: int = 1, affinities: int = 0
) -> int:
    """Return the bytes of the arrays that grow with the slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    kind : {"none", "symmetries", "scales", "rotations"}
        See :func:`unet2015.inference.views.views`.
    channels : int
        Slices that the network sees at once.
    affinities : int
        How many are predicted beside the probability.

    Returns
    -------
    int
        The grey levels (as read and as put together) and, in float32, the
        normalised grey values, the sum of the views, the probability of one, and
        the slice before, which is being written; for rotations and scales also
        grey values and probability as rotated or resized. Of affinities, the sum of
        the views, those of one, and those of the slice before.
    """
    grey = channels * (1 + VALUE) + (channels if channels > 1 else 0)
    total = (grey + 3 * VALUE * (1 + affinities)) * math.prod(shape)
    if kind in ("rotations", "scales"):
        largest = max(math.prod(view.shape) for view in views(kind, shape))
        total += (channels + 1) * VALUE * largest
    return total


def choose_tile(
    shape: tuple[int, int],
    layers: Layers,
    memory: float,
    beside: int = 0,
    tile: int = 0,
) -> tuple[int, int]:
    """Choose the tile of a slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    layers : tuple of Layer
        Of the network.
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
    sizes = Sizes.of(layers)
    sides = (_sides(side, sizes, tile, memory) for side in shape)
    grids = sorted(Grid.of(shape, sizes, each) for each in itertools.product(*sides))
    needed = {}
    for grid in grids:
        needed[grid] = needed_bytes(layers, *grid.largest, beside)
        if memory == 0 or needed[grid] <= memory * GB:
            return grid.tile
    what = f"tiles of {tile} px" if tile else "the smallest tiles"
    least = gigabytes(min(needed.values()))
    raise InputError(
        f"inference.memory is {memory:g} GB, expected at least {least:g} GB for "
        f"{what} of {shape[0]} x {shape[1]} px; raise it, or 0 sets no bound"
    )


class Grid(NamedTuple):
    """A way to cut a slice into tiles; the better, the smaller."""

    pixels: int  # that the network computes, context included
    count: int  # of tiles
    tile: tuple[int, int]  # largest height and width, pixels
    largest: tuple[int, int]  # height and width of all, pixels

    @classmethod
    def of(cls, shape: tuple[int, int], sizes: Sizes, tile: tuple[int, int]) -> "Grid":
        """Cut a slice."""
        rows, columns = (
            _extents(side, sizes, largest)
            for side, largest in zip(shape, tile, strict=True)
        )
        return cls(
            rows.pixels * columns.pixels,
            rows.count * columns.count,
            tile,
            (rows.largest, columns.largest),
        )


class Extents(NamedTuple):
    """The inputs of all tiles along one axis."""

    pixels: int  # of all together
    count: int
    largest: int  # of one, pixels


@functools.lru_cache
def _extents(side: int, sizes: Sizes, tile: int) -> Extents:
    """Cut one axis of a slice and add up."""
    sides = [part.tail - part.lead for part in cut(side, sizes, tile)]
    return Extents(sum(sides), len(sides), max(sides))


def _sides(side: int, sizes: Sizes, tile: int, memory: float) -> list[int]:
    """Return the sides of a tile that may be the best along an axis.

    They are the whole canvas and, for each number of tiles, the smallest side
    that makes so few.
    """
    total, step = canvas_side(side, sizes), sizes.step
    if tile or memory == 0:
        return [tile or total]
    covered = side + margin_of(sizes) - sizes.shrinkage // 2
    steps = math.ceil(covered / step)
    blocks = {math.ceil(steps / number) for number in range(1, steps + 1)}
    sides = (sizes.least_tile() + (block - 1) * step for block in sorted(blocks))
    return [*(s for s in sides if s < total), total]
