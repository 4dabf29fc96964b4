"""Stacks that are read and written slice by slice, whatever their size.

The files are those of :mod:`unet2015.data.stacks`; only one slice is in memory.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data.stacks import check_declared
from unet2015.errors import InputError


class OpenStack:
    """The slices of an open TIFF stack, read when they are asked for.

    Parameters
    ----------
    file : TiffFile
        Open.
    path : Path
        What errors call it.

    Raises
    ------
    InputError
        If it is not a greyscale stack.
    """

    def __init__(self, file: tifffile.TiffFile, path: Path):
        series, samples = file.series[0], file.pages[0].samplesperpixel
        shape = series.shape if len(series.shape) == 3 else (1, *series.shape)
        if len(shape) != 3 or samples != 1 or 0 in shape:
            raise InputError(
                f"{path} has shape {series.shape} with {samples} samples a pixel, "
                "expected greyscale slices (slices, height, width); "
                "save it again as an 8-bit greyscale stack, without colour channels"
            )
        self.shape: tuple[int, int, int] = shape
        self.dtype = series.dtype
        self._series, self._path = series, path

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int) -> np.ndarray:
        """Read one slice, shape (height, width).

        Raises
        ------
        InputError
            If its part of the file is damaged.
        """
        pages = self._series.pages
        try:
            if len(pages) == len(self) and pages[0].shape == self.shape[1:]:
                return pages[index].asarray(maxworkers=1)
            # One page holds several slices, as in large stacks of ImageJ.
            return self._series.asarray(out="memmap").reshape(self.shape)[index]
        except Exception as error:  # tifffile raises many kinds on damaged files
            raise unreadable(self._path, error) from error


@contextlib.contextmanager
def open_image(path: Path | str) -> Iterator[OpenStack]:
    """Open an image stack, uint8, and read it once to check it.

    Raises
    ------
    InputError
        As :func:`unet2015.data.stacks.read_image`: if the file cannot be read, is not
        uint8 or holds one value only.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    with contextlib.ExitStack() as files:
        try:
            file = files.enter_context(tifffile.TiffFile(path))
            check_declared(file)
            slices = OpenStack(file, path)
        except InputError:
            raise
        except Exception as error:  # tifffile raises many kinds on damaged files
            raise unreadable(path, error) from error
        _check_grey_levels(slices, path)
        yield slices


def _check_grey_levels(slices: OpenStack, path: Path) -> None:
    """Refuse a stack that is not uint8, is damaged or holds one value only."""
    if slices.dtype != np.uint8:
        raise InputError(
            f"{path} has dtype {slices.dtype}, expected uint8 grey levels 0..255; "
            "convert it to 8 bit"
        )
    first, varied = slices[0].flat[0], False
    for index in range(len(slices)):
        varied |= bool((slices[index] != first).any())
    if not varied:
        raise InputError(
            f"{path} is constant (grey level {first}), expected an image; "
            "export it again"
        )


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error for a file that tifffile gives up on."""
    return InputError(
        f"{path} cannot be read as a TIFF stack ({error}); "
        "the file is damaged or of another format: fetch or export it again"
    )


def write_slices(
    path: Path | str,
    slices: Iterable[np.ndarray],
    shape: tuple[int, int, int],
    dtype: type = np.float32,
) -> None:
    """Write slices as they come, as a deflate TIFF, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Destination; an existing file is replaced.
    slices : iterable of ndarray, shape (height, width)
        As many as `shape` says.
    shape : tuple of int
        Slices, height and width.
    dtype : type
        Of the slices.

    Notes
    -----
    The file is the one that :func:`unet2015.data.stacks.write_stack` writes, byte by
    byte.
    """
    if shape[-1] == 1:  # tifffile takes such columns for the rows of a single page
        slices = [np.stack([*slices])]
    with atomic_write(path) as temporary:
        tifffile.imwrite(
            temporary,
            iter(slices),
            shape=shape,
            dtype=dtype,
            photometric="minisblack",
            compression="zlib",
            predictor=dtype == np.uint8,
            metadata={"axes": "ZYX"},
            maxworkers=1,  # several would draw many slices ahead of writing them
        )
