"""TIFF and PNG files of any origin, read as greyscale stacks."""

import re
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from unet2015.data.stacks import read_stack
from unet2015.errors import InputError

TIFF_SUFFIXES = (".tif", ".tiff")
SUFFIXES = (*TIFF_SUFFIXES, ".png")


def image_files(folder: Path) -> list[Path]:
    """List the images of a folder, by the last number in their names.

    Parameters
    ----------
    folder : Path
        Need not exist.

    Returns
    -------
    list of Path
        ``slice-2.png`` before ``slice-10.png``; hidden files are left out.
    """
    if not folder.is_dir():
        return []
    return sorted(
        (
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        ),
        key=_number,
    )


def _number(path: Path) -> tuple[int, str]:
    """Return what an image is sorted by."""
    numbers = re.findall(r"\d+", path.stem)
    return int(numbers[-1]) if numbers else 0, path.name


def read_image_file(path: Path, place: str) -> np.ndarray:
    """Read a TIFF or PNG file.

    Parameters
    ----------
    path : Path
        The file.
    place : str
        Where it came from; its suffix tells the format, errors name it.

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
            return read_stack(path)
    except InputError as error:
        # tifffile leaves LZW and fax coding, which old exports use, to a package
        # that we do without; Pillow reads them.
        if "imagecodecs" not in str(error):
            raise renamed(error, path, place) from error
    try:
        return imageio.imread(path, plugin="pillow", index=..., mode="L")
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise InputError(
            f"{place} cannot be read as an image ({error}); the file is damaged or "
            "of another format: fetch or export it again"
        ) from error


def renamed(error: InputError, path: Path, place: str) -> InputError:
    """Return the error with `place` instead of the path of its local copy."""
    return InputError(str(error).replace(str(path), place))
