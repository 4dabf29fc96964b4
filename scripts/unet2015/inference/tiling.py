"""Overlap-tile prediction (paper, section 2 and figure 2).

A slice is thought of on a canvas: mirrored at its borders, and grown until the
network can map it. The canvas is cut into blocks that start at multiples of the
network's step, each predicted with its context around it. Because of these
starts the pooling grids coincide, and the tiles' logits are sums of the same
numbers as those of the whole canvas. Only one tile of the canvas exists at a
time.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from unet2015.inference.borders import crop_mirrored
from unet2015.network.sizes import Sizes

Network = Callable[[np.ndarray], np.ndarray]
"""Logits (classes, height', width') of grey values (height, width[, channels])."""

MARGIN = 32
"""Mirrored pixels around a slice for a padded network, which needs none."""


class Tile(NamedTuple):
    """A block of output along one axis and the input that it needs, pixels.

    All are places on the slice; those below 0 or beyond its end lie outside.
    """

    start: int  # of the block
    stop: int
    lead: int  # of the input
    tail: int


class Block(NamedTuple):
    """The logits of a part of a slice."""

    rows: slice
    columns: slice
    logits: np.ndarray  # (classes, rows, columns)


def margin_of(sizes: Sizes) -> int:
    """Return the pixels between the canvas's border and the slice."""
    return sizes.context if sizes.shrinkage else MARGIN


def canvas_side(side: int, sizes: Sizes) -> int:
    """Return the smallest side of a canvas that the network can map, pixels.

    Parameters
    ----------
    side : int
        Side of the slice, pixels.
    sizes : Sizes
        Of the network.
    """
    wanted = max(side + 2 * margin_of(sizes), sizes.smallest_side)
    return wanted + (sizes.smallest_side - wanted) % sizes.step


def on_canvas(image: np.ndarray, sizes: Sizes) -> np.ndarray:
    """Return a slice with the mirrored context that a network needs, in one piece.

    Parameters
    ----------
    image, sizes
        See :func:`predict_blocks`.
    """
    margin = margin_of(sizes)
    sides = (canvas_side(side, sizes) - margin for side in image.shape[:2])
    return crop_mirrored(image, *(range(-margin, side) for side in sides))


def cut(side: int, sizes: Sizes, tile: int) -> list[Tile]:
    """Cut one axis of a slice into tiles.

    Parameters
    ----------
    side : int
        Side of the slice, pixels.
    sizes : Sizes
        Of the network.
    tile : int
        Largest side of a tile's input, pixels; 0 = the whole canvas.

    Returns
    -------
    list of Tile
        Blocks that together cover the slice, in order.

    Raises
    ------
    ValueError
        If `tile` leaves no room between the context on both sides.
    """
    margin, total = margin_of(sizes), canvas_side(side, sizes)
    if tile == 0 or tile >= total:
        return [Tile(0, side, -margin, total - margin)]
    block = (tile - 2 * sizes.context - sizes.excess) // sizes.step
    block *= sizes.step
    if block < sizes.step:
        raise ValueError(
            f"a tile of {tile} px is too small; use at least {sizes.least_tile()} px"
        )
    first = sizes.shrinkage // 2 - margin
    tiles = []
    for start in range(first, side, block):
        stop = min(start + block, side)
        tail = min(start + block + sizes.excess + sizes.context, total - margin)
        if stop > 0:  # the canvas of a padded network begins before the slice
            lead = max(start - sizes.context, -margin)
            tiles.append(Tile(max(start, 0), stop, lead, tail))
    return tiles


def predict_blocks(
    image: np.ndarray,
    sizes: Sizes,
    network: Network,
    tile: tuple[int, int] = (0, 0),
    border: str = "mirror",
) -> Iterator[Block]:
    """Predict a slice of any size, tile by tile.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width) or (height, width, channels)
        Normalised grey values.
    sizes : Sizes
        Of the network.
    network : callable
        Runs the network on one tile.
    tile : tuple of int
        Largest height and width of a tile's input, pixels; 0 = the whole side.
    border : {"mirror", "zero"}
        See :func:`unet2015.inference.borders.crop_mirrored`.

    Yields
    ------
    Block
        Together they cover the slice once.

    Raises
    ------
    ValueError
        If `border` is unknown or `tile` too small.
    """
    inset = sizes.shrinkage // 2
    vertical, horizontal = (
        cut(side, sizes, largest)
        for side, largest in zip(image.shape[:2], tile, strict=True)
    )
    for rows in vertical:
        top = rows.start - rows.lead - inset
        for columns in horizontal:
            left = columns.start - columns.lead - inset
            places = range(rows.lead, rows.tail), range(columns.lead, columns.tail)
            logits = network(crop_mirrored(image, *places, border))
            yield Block(
                slice(rows.start, rows.stop),
                slice(columns.start, columns.stop),
                logits[:, top:, left:][
                    :, : rows.stop - rows.start, : columns.stop - columns.start
                ],
            )
