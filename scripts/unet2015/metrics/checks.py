"""Refuse labels and proposals that the metrics would misread in silence."""

import numpy as np

from unet2015.data.stacks import INTERIOR, ROUNDING, UNKNOWN, check_labels, divisor
from unet2015.errors import InputError


def rescaled(proposal: np.ndarray, name: str) -> np.ndarray:
    """Return 8-bit probabilities 0..255 as 0..1.

    Parameters
    ----------
    proposal : ndarray, any shape
        Grey levels 0..255, of any dtype.
    name : str
        What the message calls it, usually the path.

    Returns
    -------
    ndarray, float32
        Divided by 255, in 0..1.

    Raises
    ------
    InputError
        If values leave 0..255 or are NaN, or if they are within 0..1 already.
    """
    low, high = proposal.min(), proposal.max()
    if not (low >= 0 and high <= 255):
        instead = "write probabilities 0..1 as float32 instead"
        if proposal.dtype.kind in "iu":
            instead += f", divided by {divisor(proposal.dtype)}"
        raise InputError(
            f"{name} spans {low:.6g}..{high:.6g}, expected grey levels 0..255 to "
            f"rescale; {instead}"
        )
    if 0 < high <= 1:
        raise InputError(
            f"{name} spans {low:.6g}..{high:.6g}, within 0..1 already; a division by "
            "255 would put it below every threshold: leave out --rescale"
        )
    return (proposal / 255).astype(np.float32)


def probabilities(proposal: np.ndarray, name: str) -> np.ndarray:
    """Return the proposal as float32 if it holds probabilities.

    Values that leave 0..1 by :data:`unet2015.data.stacks.ROUNDING` are clipped.

    Parameters
    ----------
    proposal : ndarray, any shape
        Of any dtype.
    name : str
        What the message calls it, usually the path.

    Raises
    ------
    InputError
        If a value is NaN or leaves 0..1. Grey levels 0..255 would be
        foreground at every threshold wherever they are not 0.
    """
    if np.isnan(proposal).any():
        raise InputError(
            f"{name} holds NaN, expected probabilities 0..1; predict it again"
        )
    low, high = proposal.min(), proposal.max()
    if proposal.dtype == np.uint8 and high > 1:
        raise InputError(
            f"{name} holds 8-bit values {low}..{high}, expected probabilities 0..1; "
            "pass --rescale to divide by 255"
        )
    if proposal.dtype.kind in "iu" and high > 255:
        raise InputError(
            f"{name} holds {proposal.dtype} values {low}..{high}, expected "
            f"probabilities 0..1; divide it by {divisor(proposal.dtype)} and write "
            "float32"
        )
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise InputError(
            f"{name} spans {low:.6g}..{high:.6g}, expected probabilities 0..1; "
            "rescale it (--rescale divides grey levels 0..255 by 255)"
        )
    if low < 0 or high > 1:
        proposal = np.clip(proposal, 0, 1)
    return proposal.astype(np.float32, copy=False)


def same_shape(labels: np.ndarray, proposal: np.ndarray, names: tuple) -> None:
    """Check that the two stacks can be compared.

    Parameters
    ----------
    labels, proposal : ndarray
        Expected of shape (slices, height, width).
    names : tuple of str
        What the message calls the two.

    Raises
    ------
    InputError
        If they are no stacks of slices, are empty, or if their shapes differ.
    """
    if labels.shape != proposal.shape or labels.ndim != 3 or labels.size == 0:
        raise InputError(
            f"{names[1]} has shape {proposal.shape}, expected {labels.shape} (slices, "
            f"height, width) as {names[0]}; evaluate a proposal against the labels of "
            "the same slices (--split names them)"
        )


def known_pair(
    labels: np.ndarray, proposal: np.ndarray, names: tuple[str, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels and proposal as the metrics see them, and where the truth is known.

    Where it is not, both count as membrane.

    Parameters
    ----------
    labels, proposal, names
        See :func:`unet2015.metrics.challenge.evaluate`.

    Returns
    -------
    truth : ndarray, bool, shape (slices, height, width)
        True = cell interior.
    proposed : ndarray, float32, shape (slices, height, width)
        0..1.
    known : ndarray, bool, shape (slices, height, width)

    Raises
    ------
    InputError
        If the shapes differ, the labels are not binary, or the proposal holds NaN or
        values outside 0..1.
    """
    same_shape(labels, proposal, names)
    labels = check_labels(labels, names[0])
    return interior_pair(labels, probabilities(proposal, names[1]))


def interior_pair(
    labels: np.ndarray, proposal: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what :func:`known_pair` does, of labels 0, 127, 255 and probabilities."""
    known = labels != UNKNOWN
    if not known.all():
        proposal = np.where(known, proposal, np.float32(0))
    return labels == INTERIOR, proposal, known
