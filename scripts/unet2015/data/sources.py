"""Places that offer stacks: TIFF files, folders of slices, zip archives."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from unet2015.data.archives import unpack
from unet2015.data.dataset import NAMES
from unet2015.data.downloads import AbsentError, Downloads, is_remote, local_path
from unet2015.data.image_files import image_files, read_image_file, renamed
from unet2015.errors import InputError

ARCHIVE = "ISBI-2012-challenge.zip"


@dataclass(frozen=True)
class Tiffs:
    """One multi-page TIFF a stack: ``<base>/train-volume.tif``.

    Parameters
    ----------
    base : str
        Folder or URL prefix, without a slash at the end.
    stacks : tuple of str
        Names of the stacks that the place offers.
    """

    base: str
    stacks: tuple[str, ...] = NAMES

    def member(self, name: str) -> str:
        """Return where under `base` the stack lies."""
        return f"{name}.tif"

    def read(self, name: str, downloads: Downloads) -> np.ndarray:
        """Return the stack, shape (slices, height, width).

        Raises
        ------
        AbsentError
            If the place does not hold the stack.
        InputError
            If its copy cannot be fetched or read.
        """
        place = f"{self.base}/{self.member(name)}"
        return read_image_file(downloads.get(place), place)


@dataclass(frozen=True)
class SliceFolders:
    """A folder of PNG or TIFF slices a stack.

    On the network, where folders cannot be listed, the slices are PNG files
    that are numbered from 1: ``<base>/train-volume/train-volume-01.png``. In a
    local folder, all its images are taken, by the last number in their names.

    Parameters
    ----------
    base, stacks
        As for :class:`Tiffs`.
    count : int
        Slices of a stack.
    """

    base: str
    stacks: tuple[str, ...] = NAMES
    count: int = 30

    def member(self, name: str) -> str:
        """Return where under `base` the stack lies."""
        return f"{name}/"

    def read(self, name: str, downloads: Downloads) -> np.ndarray:
        """Return the stack; see :meth:`Tiffs.read`."""
        folder = f"{self.base}/{name}"
        if is_remote(self.base):
            numbers = tqdm(range(1, self.count + 1), desc=name, disable=None)
            urls = [f"{folder}/{name}-{number:02d}.png" for number in numbers]
            files = {url: downloads.get(url, quiet=True) for url in urls}
        else:
            files = {str(path): path for path in image_files(Path(folder))}
        if not files:
            raise AbsentError(f"{folder} holds no PNG or TIFF files")
        slices = [read_image_file(path, place) for place, path in files.items()]
        shapes = sorted({image.shape[1:] for image in slices})
        if len(shapes) > 1:
            raise InputError(
                f"{folder} holds slices of the shapes {shapes[0]} and {shapes[1]}, "
                "expected one shape; export them again"
            )
        return np.concatenate(slices)


@dataclass(frozen=True)
class Archive:
    """A zip archive with one multi-page TIFF a stack.

    Parameters
    ----------
    base, stacks
        As for :class:`Tiffs`.
    """

    base: str
    stacks: tuple[str, ...] = NAMES

    def member(self, name: str) -> str:
        """Return where under `base` the stack lies."""
        return f"{ARCHIVE}/{name}.tif"

    def read(self, name: str, downloads: Downloads) -> np.ndarray:
        """Return the stack; see :meth:`Tiffs.read`."""
        place = f"{self.base}/{ARCHIVE}"
        archive = downloads.get(place)
        try:
            files = unpack(archive, [f"{name}.tif"], downloads.folder)
        except InputError as error:
            raise renamed(error, archive, place) from error
        if not files:
            raise AbsentError(f"{place} has no member {name}.tif")
        return read_image_file(files[f"{name}.tif"], f"{self.base}/{self.member(name)}")


Source = Tiffs | SliceFolders | Archive


def mirror_sources(mirror: str, count: int) -> list[Source]:
    """Return the ways in which a mirror may hold stacks, most direct first.

    Parameters
    ----------
    mirror : str
        A folder or an ``http(s)://`` or ``file://`` URL prefix.
    count : int
        Slices of a stack.

    Raises
    ------
    InputError
        If a local mirror is no folder.
    """
    base = mirror.rstrip("/") if is_remote(mirror) else str(local_path(mirror))
    if not is_remote(mirror) and not Path(base).is_dir():
        raise InputError(
            f"UNET2015_MIRROR={mirror} is no folder; set it to a folder or an "
            "http(s):// or file:// URL that holds the stacks, or unset it"
        )
    return [Tiffs(base), SliceFolders(base, count=count), Archive(base)]
