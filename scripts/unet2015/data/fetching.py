"""Fetch the stacks of a data set and trust none of them before its checksum."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unet2015.data.dataset import LABELS, OPTIONAL, Stack, unknown_labels
from unet2015.data.downloads import AbsentError, Downloads
from unet2015.data.sources import Source, mirror_sources
from unet2015.data.stacks import check_labels, pixel_sha256
from unet2015.errors import InputError

log = logging.getLogger(__name__)

MIRROR = "UNET2015_MIRROR"
"""Environment variable with a folder or URL prefix that holds the stacks."""


@dataclass(frozen=True)
class DataSet:
    """A published data set.

    Parameters
    ----------
    name : str
        For the provenance and for messages.
    shape : tuple of int
        Slices, height and width of every stack.
    sha256 : mapping of str to str
        Digest of the raw pixels, by the name of the stack.
    sources : tuple of Source
        Public places in the order in which they are tried.
    citation, licence : str
        What a user owes the authors.
    """

    name: str
    shape: tuple[int, int, int]
    sha256: Mapping[str, str]
    sources: tuple[Source, ...]
    citation: str = ""
    licence: str = ""


def fetch(
    dataset: DataSet, downloads: Downloads, mirror: str | None = None
) -> dict[str, Stack]:
    """Fetch and verify all stacks of a data set.

    Parameters
    ----------
    dataset : DataSet
        What to fetch.
    downloads : Downloads
        Fetches and holds the files of the network.
    mirror : str, optional
        Folder or URL prefix that is tried before the public sources. What it
        holds must be right: a copy that is damaged or differs is an error, not
        a reason to look elsewhere.

    Returns
    -------
    dict of str to Stack
        By name. Test labels that no source has are replaced by
        :func:`unet2015.data.dataset.unknown_labels`.

    Raises
    ------
    InputError
        If the mirror fails, or if any other stack cannot be had.
    """
    private = mirror_sources(mirror, dataset.shape[0]) if mirror else []
    return {
        name: _fetch_stack(dataset, name, private, downloads) for name in dataset.sha256
    }


def _fetch_stack(
    dataset: DataSet, name: str, private: Sequence[Source], downloads: Downloads
) -> Stack:
    """Return the first good copy of one stack."""
    reasons = []
    for source in (*private, *dataset.sources):
        if name not in source.stacks:
            continue
        place = f"{source.base}/{source.member(name)}"
        try:
            pixels = verify(source.read(name, downloads), dataset, name, place)
        except InputError as error:
            if source in private and not isinstance(error, AbsentError):
                raise InputError(
                    f"{error}; {MIRROR} names this copy: mend it, or unset the variable"
                ) from error
            reasons.append(str(error))
            log.info("%s not taken: %s", name, error)
        else:
            origin = f"mirror:{source.member(name)}" if source in private else place
            log.info("%s verified, from %s", name, place)
            return Stack(pixels, origin)
    return _missing(dataset, name, reasons)


def verify(stack: np.ndarray, dataset: DataSet, name: str, place: str) -> np.ndarray:
    """Return `stack` if it is the published one, pixel by pixel.

    Parameters
    ----------
    stack : ndarray
        What was read.
    dataset : DataSet
        What is expected.
    name : str
        Which of its stacks.
    place : str
        Where it came from, for the message.

    Raises
    ------
    InputError
        If shape, dtype, label values or the pixel checksum differ.
    """
    if stack.shape != dataset.shape or stack.dtype != np.uint8:
        raise InputError(
            f"{place} has shape {stack.shape} and dtype {stack.dtype}, expected "
            f"{dataset.shape} and uint8; use another copy"
        )
    if name in LABELS:
        check_labels(stack, place)
    found, expected = pixel_sha256(stack), dataset.sha256[name]
    if found != expected:
        raise InputError(
            f"{place} has the pixel sha256 {found}, expected {expected}; it is "
            "damaged or differs from the published stack: use another copy"
        )
    return stack


def _missing(dataset: DataSet, name: str, reasons: list[str]) -> Stack:
    """Say why a stack cannot be had; only test labels can be done without."""
    tried = "".join(f"\n  {reason}" for reason in reasons)
    cure = f"set {MIRROR} to a folder with " + ", ".join(
        f"{stack}.tif" for stack in dataset.sha256
    )
    if name != OPTIONAL:
        raise InputError(f"no source has {name} of {dataset.name}:{tried}\n{cure}")
    log.warning(
        "warning: no source has %s of %s; it is filled with 127 and nothing can be "
        "scored on it:%s\n%s",
        name,
        dataset.name,
        tried,
        cure,
    )
    return unknown_labels(dataset.shape)
