"""Overlap-tile prediction (paper, section 2 and figure 2).

A slice is first laid on a canvas: mirrored at its borders, and grown until the
network can map it. The whole canvas is one tile if `tile` is 0; otherwise it is
cut into blocks that start at multiples of the network's step, each predicted
with its context around it. Because of these starts the pooling grids coincide,
and the tiles' logits equal those of the whole canvas.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from unet2015.geometry import Geometry

Network = Callable[[np.ndarray], np.ndarray]
"""Logits (classes, height', width') of grey values (height, width)."""

MARGIN = 32
"""Mirrored pixels around a slice for a padded network, which needs none."""

MODES = {"mirror": "reflect", "zero": "constant"}
"""What `numpy.pad` calls each kind of border."""


class Canvas(NamedTuple):
    """A slice with its surroundings."""

    image: np.ndarray  # (height + ..., width + ...)
    margin: int  # pixels added above and left of the slice
    shape: tuple[int, int]  # of the slice


class Tile(NamedTuple):
    """A block of output along one axis and the input that it needs, pixels."""

    start: int  # of the block, on the canvas
    stop: int
    lead: int  # of the input, on the canvas
    tail: int


def lay_canvas(image: np.ndarray, geometry: Geometry, border: str = "mirror") -> Canvas:
    """Surround a slice by what the network needs.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width)
        Normalised grey values.
    geometry : Geometry
        Its context and step give the size.
    border : {"mirror", "zero"}
        What lies outside the slice: its mirror image (paper) or zeros.

    Returns
    -------
    Canvas
        Sides that the network can map.

    Raises
    ------
    ValueError
        If `border` is unknown.
    """
    if border not in MODES:
        raise ValueError(f"border is {border!r}, expected one of {tuple(MODES)}")
    margin = geometry.context if geometry.padding == "valid" else MARGIN
    sides = []
    for side in image.shape:
        wanted = max(side + 2 * margin, geometry.smallest_side)
        excess = (wanted - geometry.smallest_side) % geometry.step
        sides.append(wanted + (geometry.step - excess) % geometry.step)
    pads = [
        (margin, total - margin - side)
        for total, side in zip(sides, image.shape, strict=True)
    ]
    return Canvas(np.pad(image, pads, mode=MODES[border]), margin, image.shape)


def cut(total: int, geometry: Geometry, tile: int) -> Iterator[Tile]:
    """Cut one axis of a canvas into tiles.

    Parameters
    ----------
    total : int
        Pixels of the canvas along the axis.
    geometry : Geometry
        The network.
    tile : int
        Largest side of a tile's input, pixels; 0 = the whole canvas.

    Yields
    ------
    Tile
        Blocks that cover all the output of the canvas, in order.

    Raises
    ------
    ValueError
        If `tile` leaves no room between the context on both sides.
    """
    first = geometry.shrinkage // 2
    last = total - geometry.shrinkage + first
    if tile == 0 or tile >= total:
        yield Tile(first, last, 0, total)
        return
    block = (tile - 2 * geometry.context - geometry.excess) // geometry.step
    block *= geometry.step
    if block < geometry.step:
        raise ValueError(
            f"a tile of {tile} px is too small; use at least {geometry.least_tile()} px"
        )
    for start in range(first, last, block):
        stop = min(start + block, last)
        tail = min(start + block + geometry.excess + geometry.context, total)
        yield Tile(start, stop, max(start - geometry.context, 0), tail)


def predict_logits(
    image: np.ndarray,
    geometry: Geometry,
    network: Network,
    tile: int = 0,
    border: str = "mirror",
) -> np.ndarray:
    """Predict a slice of any size.

    Parameters
    ----------
    image : ndarray, float32, shape (height, width)
        Normalised grey values.
    geometry : Geometry
        Gives the geometry.
    network : callable
        Runs the network on one tile.
    tile : int
        Largest side of a tile's input, pixels; 0 = the whole slice at once.
    border : {"mirror", "zero"}
        See :func:`lay_canvas`.

    Returns
    -------
    ndarray, float32, shape (classes, height, width)
    """
    canvas = lay_canvas(image, geometry, border)
    logits = None
    for rows in cut(canvas.image.shape[0], geometry, tile):
        for columns in cut(canvas.image.shape[1], geometry, tile):
            part = network(
                canvas.image[rows.lead : rows.tail, columns.lead : columns.tail]
            )
            if logits is None:
                logits = np.empty((len(part), *canvas.image.shape), dtype=np.float32)
            inset = geometry.shrinkage // 2
            top, left = rows.start - rows.lead - inset, columns.start - columns.lead
            left -= inset
            height, width = rows.stop - rows.start, columns.stop - columns.start
            logits[:, rows.start : rows.stop, columns.start : columns.stop] = part[
                :, top : top + height, left : left + width
            ]
    inside = slice(canvas.margin, None)
    height, width = canvas.shape
    return logits[:, inside, inside][:, :height, :width]
