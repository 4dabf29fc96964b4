"""Small pieces of a slice, joined to the neighbour with the longest border."""

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np


def join_small(ids: np.ndarray, sizes: np.ndarray, least: int) -> np.ndarray:
    """Join pieces, the smallest first, until none is small that has a neighbour.

    Parameters
    ----------
    ids : ndarray, int, shape (height, width)
        1, 2, ... = pieces, without gaps between them; 0 belongs to none.
    sizes : ndarray, int, shape (pieces + 1,)
        Size of each piece, pixels.
    least : int
        A smaller piece joins the neighbour with which it shares most edges of pixels,
        of several the one with the lowest id.

    Returns
    -------
    ndarray, uint32, shape (height, width)
        1, 2, ... in the order of the lowest id that was joined.
    """
    return new_ids(sizes, borders(ids, len(sizes)), least, int)[ids]


def new_ids(
    sizes: np.ndarray, beside: list[dict], least: int, rank: Callable[[Any], float]
) -> np.ndarray:
    """Return the new id of each piece where small ones join a neighbour.

    Parameters
    ----------
    sizes : ndarray, int, shape (pieces + 1,)
        Of each piece by its id, pixels.
    beside : list of dict of int to number or ndarray
        By id: what a piece has in common with each neighbour; of pieces that are
        joined, it is added. Is changed.
    least : int
        Smaller pieces are joined, the smallest first, until none is left that has a
        neighbour.
    rank : callable
        Of what two pieces have in common; a piece joins the neighbour where it is
        highest, of several the one with the lowest id.

    Returns
    -------
    ndarray, uint32, shape (pieces + 1,)
        1, 2, ... in the order of the lowest id that was joined; of 0, it is 0.
    """
    sizes = sizes.tolist()
    joined = list(range(len(sizes)))
    queue = [(size, n) for n, size in enumerate(sizes) if n and size < least]
    heapq.heapify(queue)
    while queue:
        size, small = heapq.heappop(queue)
        if size != sizes[small] or not beside[small]:  # joined meanwhile, or alone
            continue
        into = min(beside[small], key=lambda n: (-rank(beside[small][n]), n))
        joined[small], sizes[small] = into, -1
        sizes[into] += size
        _hand_over(beside, small, into)
        if sizes[into] < least:
            heapq.heappush(queue, (sizes[into], into))
    return _renumbered(joined)


def borders(ids: np.ndarray, count: int) -> list[dict[int, int]]:
    """Return for each of the ids below `count` its neighbours.

    Parameters
    ----------
    ids : ndarray, int, shape (height, width)
        0 belongs to no piece.
    count : int
        More than the highest id.

    Returns
    -------
    list of dict of int to int
        By id: the edges of pixels that it shares with each neighbour.
    """
    beside: list[dict[int, int]] = [{} for _ in range(count)]
    for one, other in ((ids[1:], ids[:-1]), (ids[:, 1:], ids[:, :-1])):
        touching = (one != other) & (one > 0) & (other > 0)
        keys = one[touching].astype(np.int64) * count + other[touching]
        pairs, edges = np.unique(keys, return_counts=True)
        for pair, length in zip(pairs.tolist(), edges.tolist(), strict=True):
            a, b = divmod(pair, count)
            beside[a][b] = beside[a].get(b, 0) + length
            beside[b][a] = beside[b].get(a, 0) + length
    return beside


def _hand_over(beside: list[dict[int, int]], small: int, into: int) -> None:
    """Give a piece's borders to the one that it joined."""
    for other, length in beside[small].items():
        del beside[other][small]
        if other != into:
            beside[into][other] = beside[into].get(other, 0) + length
            beside[other][into] = beside[other].get(into, 0) + length
    beside[small] = {}


def _renumbered(joined: list[int]) -> np.ndarray:
    """Return the new id of each piece, given the piece that each joined, if any."""
    numbers = {0: 0}
    table = []
    for piece in range(len(joined)):
        end = piece
        while joined[end] != end:
            end = joined[end]
        table.append(numbers.setdefault(end, len(numbers)))
    return np.array(table, dtype=np.uint32)
