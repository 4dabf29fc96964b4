"""Exact labels of a section, from its geometry."""

import numpy as np
from scipy import ndimage

from unet2015.phantom.anatomy import Section

_BROAD = 0.4  # projected membrane from which an annotator fills a grey band
_LEAST_AREA = 25  # pixels; a smaller piece counts as membrane


def instances(section: Section) -> np.ndarray:
    """Return the cells of a section, separated by membranes.

    Parameters
    ----------
    section : Section

    Returns
    -------
    ndarray, shape (side, side), int32
        0 = membrane, otherwise 1 + index of the cell. Each cell is
        4-connected, and pixels of different cells are never 4-neighbours.
        Of a cell that a membrane cuts in pieces only the largest keeps the
        number; the others get numbers of their own, above all indices (see
        :func:`number_pieces`), as negative values here.
    """
    inside = (section.border > 1.4 * section.width) & (section.membrane < _BROAD)
    inside &= ~_touches_other(section.owner)
    pieces, count = ndimage.label(inside)  # 4-connected
    area = np.bincount(pieces.ravel(), minlength=count + 1)
    boxes = ndimage.find_objects(pieces)
    number = np.zeros(count + 1, dtype=np.int32)
    seen: set[int] = set()
    for piece in np.argsort(-area[1:], kind="stable") + 1:
        if area[piece] < _LEAST_AREA:
            break
        box = boxes[piece - 1]
        owner = int(section.owner[box][pieces[box] == piece][0])
        number[piece] = -piece if owner in seen else owner + 1
        seen.add(owner)
    return number[pieces]


def number_pieces(stack: np.ndarray) -> np.ndarray:
    """Give numbers to cells and cut-off pieces 1, 2, .. through a stack.

    Parameters
    ----------
    stack : ndarray, shape (slices, side, side), int32
        Slices of :func:`instances`. Negative numbers are pieces, unique
        within a slice only.

    Returns
    -------
    ndarray, shape (slices, side, side), int32
        0 = membrane, 1.. = cells, without gaps.
    """
    slices = np.arange(len(stack), dtype=np.int64)[:, np.newaxis, np.newaxis]
    most = int(np.abs(stack).max()) + 1
    unique = np.where(stack < 0, most * (slices + 1) - stack, stack)
    values, dense = np.unique(unique, return_inverse=True)
    return (dense.reshape(stack.shape) + (values[0] != 0)).astype(np.int32)


def _touches_other(owner: np.ndarray) -> np.ndarray:
    """Mark pixels with a 4-neighbour that belongs to another cell."""
    touches = np.zeros(owner.shape, dtype=bool)
    for cells, marked in ((owner, touches), (owner.T, touches.T)):
        differs = cells[1:] != cells[:-1]
        marked[1:] |= differs
        marked[:-1] |= differs
    return touches
