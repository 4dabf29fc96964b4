"""A stack of which every slice is a file, PNG or TIFF."""

import re
from collections.abc import Sequence
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from unet2015.data.open_stack import OpenStack
from unet2015.data.tiff_stack import SAVE, open_tiff
from unet2015.errors import InputError

PNG = ".png"
SUFFIXES = (".tif", ".tiff", PNG)


class SliceFiles(OpenStack):
    """Files that are one slice each.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    names : sequence of str
        What errors call each; the suffix tells the format.

    Raises
    ------
    InputError
        If the first cannot be read.
    """

    def __init__(self, paths: Sequence[Path], names: Sequence[str]):
        self._files = list(zip(paths, names, strict=True))
        first = _read(*self._files[0])
        self.shape = (len(self._files), *first.shape)
        self.dtype = first.dtype

    def __getitem__(self, index: int) -> np.ndarray:
        path, name = self._files[index]
        pixels = _read(path, name)
        if pixels.shape != self.shape[1:] or pixels.dtype != self.dtype:
            raise InputError(
                f"{self._files[0][1]} and {name} are slices of the shapes "
                f"{self.shape[1:]} {self.dtype} and {pixels.shape} {pixels.dtype}, "
                "expected one shape and type; export them again"
            )
        return pixels


def images_in(folder: Path) -> list[Path]:
    """Return the files of a folder that can be slices, by name; no hidden ones."""
    images = (p for p in folder.glob("[!.]*") if p.suffix.lower() in SUFFIXES)
    return sorted(path for path in images if not path.is_dir())


def slice_paths(folder: Path) -> list[Path]:
    """Return the slices of a folder, by the last number in their names.

    ``slice-2.png`` comes before ``slice-10.png``; files of other formats are left out.

    Raises
    ------
    InputError
        If two have the same number.
    """
    by_number = {}
    for path in images_in(folder):
        numbers = re.findall(r"\d+", path.stem)
        number = int(numbers[-1]) if numbers else None
        if number in by_number:
            raise InputError(
                f"{folder} has {by_number[number].name} and {path.name} for slice "
                f"{number}, expected a number for each file, the last in its name; "
                "rename them, or keep one stack in a folder"
            )
        by_number[number] = path
    return [by_number[n] for n in sorted(by_number, key=lambda n: n or 0)]


def _read(path: Path, name: str) -> np.ndarray:
    """Read one file, shape (height, width)."""
    if name.lower().endswith(PNG):
        return _read_png(path, name)
    with open_tiff(path, name) as stack:
        if len(stack) != 1:
            raise InputError(
                f"{name} holds {len(stack)} slices, expected one a file; keep stacks "
                "out of a folder of slices"
            )
        return stack[0]


def _read_png(path: Path, name: str) -> np.ndarray:
    """Read a PNG of grey levels in any form, as uint8 or uint16."""
    try:
        pixels = imageio.imread(path, plugin="pillow", index=0)
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise InputError(
            f"{name} cannot be read as an image ({error}); the file is damaged or "
            "of another format: fetch or export it again"
        ) from error
    if pixels.ndim == 3:  # grey and alpha, or colours with or without it
        colours = pixels[..., :3] if pixels.shape[-1] > 2 else pixels[..., :1]
        if (colours != colours[..., :1]).any():
            raise InputError(f"{name} is a colour image, expected grey levels; {SAVE}")
        pixels = colours[..., 0]
    return pixels.astype(np.uint8) * 255 if pixels.dtype == bool else pixels
