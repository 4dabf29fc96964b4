"""Copies of a stack as other people keep them.

A copy lies at a place, a path or URL that ends in ``train-volume.tif``,
``ISBI-2012-challenge.zip/train-volume.tif``, or, for a folder of PNG or TIFF
slices, ``train-volume/``.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from unet2015.data.slice_files import SliceFiles, slice_paths
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError

ARCHIVE = "ISBI-2012-challenge.zip"
MAX_BYTES = 64 * 2**20
"""Bound on one unpacked file; a stack of the challenge takes 7.5 MiB."""


class AbsentError(InputError):
    """A place is in order but does not hold the stack."""


def is_remote(place: str) -> bool:
    """Return whether a place is a URL rather than a path."""
    return place.startswith(("http://", "https://"))


def read_copy(place: str, count: int, get: Callable[[str], Path]) -> np.ndarray:
    """Read a copy of a stack.

    Parameters
    ----------
    place : str
        See the module.
    count : int
        Slices of the stack: folders of the network cannot be listed, so their
        files are ``train-volume/train-volume-01.png`` and so on.
    get : callable
        Takes the path or URL of a file and returns the path of the file.

    Returns
    -------
    ndarray, shape (slices, height, width)
        Not verified.

    Raises
    ------
    AbsentError
        If the place does not hold the stack.
    InputError
        If the copy cannot be had or read.
    """
    if place.endswith("/"):
        return _read_folder(place, count, get)
    base, archived, member = place.partition(f"/{ARCHIVE}/")
    if archived:
        archive = f"{base}/{ARCHIVE}"
        return read_stack(io.BytesIO(unpack(get(archive), member, archive)), place)
    return read_stack(get(place), place)


def _read_folder(place: str, count: int, get: Callable[[str], Path]) -> np.ndarray:
    """Read a stack slice by slice."""
    name = place.split("/")[-2]
    files = [f"{place}{name}-{number:02d}.png" for number in range(1, count + 1)]
    if not is_remote(place):
        files = [str(path) for path in slice_paths(Path(place))]
    if not files:
        raise AbsentError(f"{place} holds no PNG or TIFF files")
    return SliceFiles([get(file) for file in files], files).whole()


def unpack(archive: Path, name: str, place: str) -> bytes:
    """Return a file of a zip archive, whatever its folder in there.

    Parameters
    ----------
    archive : Path
        The zip file.
    name : str
        Base name of the wanted file.
    place : str
        What errors call the archive.

    Raises
    ------
    AbsentError
        If the archive does not hold the file.
    InputError
        If the archive is damaged or the file is too large.
    """
    try:
        with zipfile.ZipFile(archive) as files:
            members = [m for m in files.infolist() if m.filename.split("/")[-1] == name]
            if not members:
                raise AbsentError(f"{place} has no member {name}")
            size = members[0].file_size
            if size > MAX_BYTES:
                raise InputError(
                    f"{name} in {place} takes {size} bytes unpacked, expected at most "
                    f"{MAX_BYTES}; use another copy"
                )
            return files.read(members[0])
    except InputError:
        raise
    except Exception as error:  # zipfile raises many kinds on damaged files
        raise InputError(
            f"{place} cannot be read as a zip archive ({error}); "
            "the file is damaged or of another format: fetch it again"
        ) from error
