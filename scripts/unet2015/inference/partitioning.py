"""Instances of a stack from its affinities, and probabilities with their borders."""

from collections.abc import Sequence

import numpy as np

from unet2015.data.offsets import attracting
from unet2015.errors import InputError
from unet2015.inference.linking import linked
from unet2015.inference.mutex_watershed import mutex_watershed
from unet2015.inference.specks import join_specks


def partition(
    affinities: np.ndarray, offsets: Sequence[Sequence[int]], settings: dict
) -> np.ndarray:
    """Return the instances of a stack.

    Parameters
    ----------
    affinities : ndarray, shape (slices, offsets, rows, columns)
        As :func:`unet2015.data.affinities.read_affinities` reads them.
    offsets : sequence of three int each
        (slices, rows, columns), pixels.
    settings : dict
        Of section `partition`.

    Returns
    -------
    ndarray, uint32, shape (slices, rows, columns)
        Ids from 1. Of slices that are partitioned each alone, an instance has the id
        of the one in the slice before with which it overlaps most
        (:func:`unet2015.inference.linking.linked`).

    Raises
    ------
    InputError
        If the method is ``"none"``, or no offset attracts.
    """
    if settings["method"] == "none":
        raise InputError(
            "partition.method is 'none', expected 'mutex-watershed'; name it, or use "
            "the probability as it is"
        )
    if settings["stack"]:
        return _instances(affinities.swapaxes(0, 1), offsets, settings)
    within = [k for k, (slices, _, _) in enumerate(offsets) if slices == 0]
    planes = [offsets[k] for k in within]
    each = (
        _instances(of_slice[within, np.newaxis], planes, settings)[0]
        for of_slice in affinities
    )
    return np.stack([*linked(each)])


def _instances(
    affinities: np.ndarray, offsets: Sequence[Sequence[int]], settings: dict
) -> np.ndarray:
    """Return the instances of affinities (offsets, slices, rows, columns)."""
    attractive = attracting(offsets, settings["attractive"])
    if not any(attractive):
        raise InputError(
            f"partition.attractive is {settings['attractive']:g} px, expected at least "
            f"the length of one of the offsets {tuple(map(tuple, offsets))}; raise it"
        )
    labels = mutex_watershed(affinities, offsets, attractive, settings["keep"])
    return join_specks(labels, affinities, offsets, attractive, settings["min_size"])


def with_borders(probability: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return probabilities that are 0 along the borders of instances.

    Of two neighbouring pixels of two instances, the one that is interior with the lower
    probability becomes border, of equal ones the right or lower one: a border is one
    pixel wide, lies in the membrane rather than beside it, and no two instances touch.

    Parameters
    ----------
    probability : ndarray, float32, shape (rows, columns)
        Of cell interior, 0..1.
    labels : ndarray, int, shape (rows, columns)
        Ids of instances.

    Returns
    -------
    ndarray, float32, shape (rows, columns)

    Examples
    --------
    >>> probability = np.float32([[0.9, 0.6, 0.5, 0.9]])
    >>> with_borders(probability, np.array([[1, 2, 2, 3]]))
    array([[0.9, 0. , 0. , 0.9]], dtype=float32)
    """
    parted = probability.copy()
    for before, after in (
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        apart = labels[before] != labels[after]
        lower = probability[before] < probability[after]
        parted[before][apart & lower] = 0
        parted[after][apart & ~lower] = 0
    return parted
