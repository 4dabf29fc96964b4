"""Specks: instances of few pixels, joined to the neighbour that attracts them most."""

from collections.abc import Sequence

import numpy as np

from unet2015.data.offsets import paired
from unet2015.inference.small_pieces import new_ids


def join_specks(
    labels: np.ndarray,
    affinities: np.ndarray,
    offsets: Sequence[Sequence[int]],
    attractive: Sequence[bool],
    min_size: int,
) -> np.ndarray:
    """Join instances, the smallest first, until none is small that has a neighbour.

    Parameters
    ----------
    labels : ndarray, int, shape (slices, rows, columns)
        1, 2, ... = instances, in the order of their first pixel.
    affinities : ndarray, shape (offsets, slices, rows, columns)
        Probability that a pixel and the one at + offset are of one instance: float32,
        0..1, or uint8, 255 = 1.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.
    attractive : sequence of bool
        Of each offset, whether its edges attract; only these count here.
    min_size : int
        Pixels, in all slices, that an instance has at least. A smaller one joins the
        neighbour to which the mean affinity of the edges between them is the highest,
        of several the one with the lowest id. Without a neighbour it stays.

    Returns
    -------
    ndarray, uint32, shape (slices, rows, columns)
        1, 2, ... = instances, in the order of their first pixel.

    Examples
    --------
    >>> labels = np.array([[[1, 1, 2, 3, 3]]])
    >>> affinities = np.float32([0.9, 0.2, 0.3, 0.9, 0]).reshape(1, 1, 1, 5)
    >>> join_specks(labels, affinities, [(0, 0, 1)], [True], min_size=2)
    array([[[1, 1, 2, 2, 2]]], dtype=uint32)
    """
    sizes = np.bincount(labels.ravel())
    beside: list[dict[int, np.ndarray]] = [{} for _ in sizes]
    chosen = [k for k, attracts in enumerate(attractive) if attracts]
    found = [
        _edges(labels, affinities[k], offsets[k], sizes < min_size) for k in chosen
    ]
    ends = np.concatenate([ends for ends, _ in found], axis=1)
    strengths = np.concatenate([strengths for _, strengths in found])
    keys, edge_of = np.unique(ends[0] * len(sizes) + ends[1], return_inverse=True)
    contacts = np.stack([np.bincount(edge_of, strengths), np.bincount(edge_of)], axis=1)
    for key, contact in zip(keys.tolist(), contacts, strict=True):
        a, b = divmod(key, len(sizes))
        beside[a][b] = beside[b][a] = contact
    return new_ids(sizes, beside, min_size, _mean)[labels]


def _edges(
    labels: np.ndarray, affinities: np.ndarray, offset: Sequence[int], small: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of an offset's edges that lead to or from a speck.

    Returns
    -------
    ends : ndarray, int64, shape (2, edges)
        The lower and the higher id.
    strengths : ndarray, shape (edges,)
        Affinities.
    """
    here, there = paired(labels.shape, offset)
    ends = np.stack([labels[here], labels[there]])
    taken = (ends[0] != ends[1]) & small[ends].any(axis=0)
    return np.sort(ends[:, taken], axis=0).astype(np.int64), affinities[here][taken]


def _mean(contact: np.ndarray) -> float:
    """Return the mean affinity of edges, given the sum and the number."""
    return float(contact[0] / contact[1])
