"""Pictures of slices as data URIs, for pages that need nothing beside themselves."""

import base64
import colorsys
import io

import numpy as np
from PIL import Image
from scipy import ndimage

from unet2015.data.stacks import INTERIOR, UNKNOWN

QUALITY = 75
"""Of WebP, 0..100."""

COLOURS = 255
GOLDEN = 2654435761
"""2³² divided by the golden ratio: neighbouring ids get colours far apart (Knuth)."""


def _uri(picture: Image.Image, kind: str, **options) -> str:
    """Return a picture as a data URI."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{kind};base64,{data}"


def grey_uri(pixels: np.ndarray, shrinkage: int) -> str:
    """Return grey levels, averaged over squares, as WebP."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return _uri(picture.reduce(shrinkage), "webp", quality=QUALITY, method=4)


def palette_uri(colours: np.ndarray, palette: bytes, opacity: bytes) -> str:
    """Return numbers of colours as PNG; colours beyond `opacity` are opaque."""
    picture = Image.fromarray(np.ascontiguousarray(colours, np.uint8), "P")
    picture.putpalette(palette)
    return _uri(picture, "png", transparency=opacity, optimize=True)


def cell_colours(ids: np.ndarray) -> np.ndarray:
    """Return the colour of each cell, the same in every slice; 0 between two cells."""
    colours = 1 + (ids.astype(np.uint64) * GOLDEN % 2**32 * COLOURS >> 32)
    border = np.zeros(ids.shape, bool)
    border[1:] |= ids[1:] != ids[:-1]
    border[:, 1:] |= ids[:, 1:] != ids[:, :-1]
    return np.where(border | (ids == 0), 0, colours)


def _palette_of_cells() -> bytes:
    """Return bright colours that go round the circle of hues."""
    colours = [
        colorsys.hsv_to_rgb(k / COLOURS, 0.55 + 0.45 * (k % 2), 1 - 0.25 * (k % 3 > 1))
        for k in range(COLOURS)
    ]
    return bytes([0, 0, 0, *(round(255 * part) for rgb in colours for part in rgb)])


CELL_PALETTE = _palette_of_cells()
UNKNOWN_COLOUR = COLOURS
LABEL_PALETTE = CELL_PALETTE[:-3] + bytes([110, 110, 110])
"""As cells, but the last colour stands for what is not known."""


def label_uri(labels: np.ndarray, shrinkage: int) -> str:
    """Return labels as PNG: each 4-connected cell coloured, membrane black.

    Parameters
    ----------
    labels : ndarray, uint8, shape (height, width)
        255 = interior, 0 = membrane, 127 = unknown, which is drawn grey.
    shrinkage : int
        Pixels along a side of one of the picture.
    """
    cells, _ = ndimage.label(labels == INTERIOR)
    small = labels[::shrinkage, ::shrinkage]
    colours = np.minimum(cell_colours(cells[::shrinkage, ::shrinkage]), COLOURS - 1)
    colours[small == UNKNOWN] = UNKNOWN_COLOUR
    return palette_uri(colours, LABEL_PALETTE, b"")
