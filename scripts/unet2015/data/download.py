"""Download a data set and trust no stack before its pixels are verified."""

import logging
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch
import requests

from unet2015.data.copies import ARCHIVE, AbsentError, is_remote, read_copy
from unet2015.data.dataset import LABELS, OPTIONAL, Stack, unknown_labels
from unet2015.data.stacks import check_labels, interior_fraction, pixel_sha256
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
    copies : mapping of str to sequence of str
        Public places of each stack in the order in which they are tried.
    citation, licence : str
        What a user owes the authors.
    """

    name: str
    shape: tuple[int, int, int]
    sha256: Mapping[str, str]
    copies: Mapping[str, Sequence[str]]
    citation: str = ""
    licence: str = ""


def fetch(dataset: DataSet, mirror: str | None = None) -> dict[str, Stack]:
    """Fetch and verify all stacks of a data set.

    Parameters
    ----------
    dataset : DataSet
        What to fetch.
    mirror : str, optional
        Folder or URL prefix that is tried before the public places. What it
        holds must be right: a copy that is damaged or differs is an error, not
        a reason to look elsewhere.

    Returns
    -------
    dict of str to Stack
        By name. Test labels that cannot be had are replaced by
        :func:`unet2015.data.dataset.unknown_labels`.

    Raises
    ------
    InputError
        If the mirror fails, or if any other stack cannot be had.
    """
    base = _base(mirror) if mirror else None
    with tempfile.TemporaryDirectory() as folder:
        get = Downloads(Path(folder)).get
        return {name: _fetch(dataset, name, base, get) for name in dataset.sha256}


def _base(mirror: str) -> str:
    """Return the folder or URL that the places of a mirror start with."""
    if is_remote(mirror):
        return mirror.rstrip("/")
    folder = Path(mirror).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"{MIRROR}={mirror} is not a folder; set it to a folder or an http(s):// "
            "URL that holds the stacks, or unset it"
        )
    return str(folder)


def _fetch(
    dataset: DataSet, name: str, mirror: str | None, get: Callable[[str], Path]
) -> Stack:
    """Return the first good copy of one stack."""
    paths = (f"{name}.tif", f"{name}/", f"{ARCHIVE}/{name}.tif") if mirror else ()
    origins = {f"{mirror}/{path}": f"mirror:{path}" for path in paths}
    reasons = []
    for place in (*origins, *dataset.copies.get(name, ())):
        try:
            pixels = read_copy(place, dataset.shape[0], get)
            _verify(pixels, dataset, name, place)
        except InputError as error:
            if place in origins and not isinstance(error, AbsentError):
                raise InputError(
                    f"{error}; {MIRROR} names this copy: mend it, or unset the variable"
                ) from error
            reasons.append(str(error))
            log.info("%s not taken: %s", name, error)
        else:
            log.info("%s verified, from %s", name, place)
            return Stack(pixels, origins.get(place, place))
    return _missing(dataset, name, reasons)


def _verify(stack: np.ndarray, dataset: DataSet, name: str, place: str) -> None:
    """Raise InputError if a stack is not the published one, pixel by pixel."""
    if stack.shape != dataset.shape or stack.dtype != np.uint8:
        raise InputError(
            f"{place} has shape {stack.shape} and dtype {stack.dtype}, expected "
            f"{dataset.shape} and uint8; use another copy"
        )
    if name in LABELS:
        labels = check_labels(stack, place)
        if interior_fraction(labels) < 0.5:
            raise InputError(
                f"{place} is {100 * interior_fraction(labels):.1f} % cell interior "
                "(255), expected at least 50 %; the polarity looks inverted: use "
                "another copy"
            )
    found, expected = pixel_sha256(stack), dataset.sha256[name]
    if found != expected:
        raise InputError(
            f"{place} has the pixel sha256 {found}, expected {expected}; it is "
            "damaged or differs from the published stack: use another copy"
        )


def _missing(dataset: DataSet, name: str, reasons: list[str]) -> Stack:
    """Say why a stack cannot be had; only test labels can be done without."""
    tried = "".join(f"\n  {reason}" for reason in reasons)
    files = ", ".join(f"{stack}.tif" for stack in dataset.sha256)
    cure = f"set {MIRROR} to a folder with {files}"
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


class Downloads:
    """Files by path or URL, each downloaded at most once.

    Parameters
    ----------
    folder : Path
        For what comes from the network. The caller deletes it.
    """

    def __init__(self, folder: Path):
        self._manager = pooch.create(folder, base_url="", retry_if_failed=2)
        self._failures: dict[str, InputError] = {}
        messages = pooch.get_logger()  # on its own, it writes past the program's log
        messages.parent, messages.handlers = log, []

    def get(self, place: str) -> Path:
        """Return the local path of a file.

        Raises
        ------
        AbsentError
            If there is no such file.
        InputError
            If it cannot be downloaded; a second call says so at once.
        """
        if not is_remote(place):
            if not Path(place).is_file():
                raise AbsentError(f"{place}: there is no such file")
            return Path(place)
        if place not in self._failures:
            try:
                return self._download(place)
            except InputError as error:
                self._failures[place] = error
        raise self._failures[place]

    def _download(self, url: str) -> Path:
        """Return the local path of a file of the network, downloaded if need be."""
        name = url.partition("://")[2]
        self._manager.registry[name], self._manager.urls[name] = None, url
        try:
            return Path(self._manager.fetch(name, downloader=_try))
        except FileNotFoundError as error:
            raise AbsentError(f"{url}: there is no such file") from error
        except requests.RequestException as error:
            raise InputError(
                f"{url} cannot be downloaded ({_brief(error)}); check the connection"
            ) from error


def _try(url: str, path: str, manager: pooch.Pooch) -> None:
    """Download a file; pooch calls again after a failure that may pass."""
    try:
        pooch.HTTPDownloader(progressbar=sys.stderr.isatty())(url, path, manager)
    except requests.HTTPError as error:
        error.response.close()  # which pooch leaves open
        if error.response.status_code in (404, 410):
            raise FileNotFoundError(url) from error
        raise


def _brief(error: requests.RequestException) -> str:
    """Return what went wrong, without the layers that requests wraps around it."""
    if error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    cause = error.args[0] if error.args else error
    return str(getattr(cause, "reason", cause))
