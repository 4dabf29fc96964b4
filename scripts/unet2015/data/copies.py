"""Copies of a stack as other people keep them.

A copy lies at a place, a path or URL that ends in ``train-volume.tif``,
``ISBI-2012-challenge.zip/train-volume.tif``, or, for a folder of PNG or TIFF
slices, ``train-volume/``.
"""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from unet2015.data.tiff import read_stack
from unet2015.errors import InputError

ARCHIVE = "ISBI-2012-challenge.zip"
MAX_BYTES = 64 * 2**20
"""Bound on one unpacked file; a stack of the challenge takes 7.5 MiB."""

TIFF_SUFFIXES = (".tif", ".tiff")
IMAGE_SUFFIXES = (*TIFF_SUFFIXES, ".png")


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
        return read_image_file(io.BytesIO(unpack(get(archive), member, archive)), place)
    return read_image_file(get(place), place)


def _read_folder(place: str, count: int, get: Callable[[str], Path]) -> np.ndarray:
    """Read a stack slice by slice."""
    name = place.split("/")[-2]
    files = [f"{place}{name}-{number:02d}.png" for number in range(1, count + 1)]
    if not is_remote(place):
        files = [str(path) for path in image_files(Path(place))]
    slices = [read_image_file(get(file), file) for file in files]
    shapes = sorted({image.shape[1:] for image in slices})
    if not shapes:
        raise AbsentError(f"{place} holds no PNG or TIFF files")
    if len(shapes) > 1:
        raise InputError(
            f"{place} holds slices of the shapes {shapes[0]} and {shapes[1]}, "
            "expected one shape; export them again"
        )
    return np.concatenate(slices)


def image_files(folder: Path) -> list[Path]:
    """Return the images of a folder, by the last number in their names.

    ``slice-2.png`` comes before ``slice-10.png``; hidden files are left out.
    """

    def order(path: Path) -> tuple[int, str]:
        *_, number = ["0", *re.findall(r"\d+", path.stem)]
        return int(number), path.name

    images = [p for p in folder.glob("[!.]*") if p.suffix.lower() in IMAGE_SUFFIXES]
    return sorted(images, key=order)


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


def read_image_file(file: Path | io.BytesIO, place: str) -> np.ndarray:
    """Read a TIFF or PNG file of any origin.

    Parameters
    ----------
    file : Path or BytesIO
        The file.
    place : str
        What errors call it; its suffix tells the format.

    Returns
    -------
    ndarray, shape (slices, height, width)
        One-bit and colour images are converted to uint8 grey levels.

    Raises
    ------
    InputError
        If the file is damaged or of another format.
    """
    try:
        if place.lower().endswith(TIFF_SUFFIXES):
            return read_stack(file, place)
    except InputError as error:
        # tifffile leaves LZW and fax coding, which old exports use, to a package
        # that we do without; Pillow reads them.
        if "imagecodecs" not in str(error):
            raise
    try:
        return imageio.imread(file, plugin="pillow", index=..., mode="L")
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise InputError(
            f"{place} cannot be read as an image ({error}); the file is damaged or "
            "of another format: fetch or export it again"
        ) from error
