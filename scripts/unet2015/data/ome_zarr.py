"""Stacks as OME-Zarr: folders of small packed blocks that viewers read in part.

Versions 0.4 and 0.5 are read, at full resolution. Version 0.4 is written, which most
programs open. zarr is imported where it is used, as that takes half a second.

References
----------
https://ngff.openmicroscopy.org/0.4/ and https://ngff.openmicroscopy.org/0.5/
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from unet2015.atomic_write import atomic_folder
from unet2015.data.open_stack import OpenStack
from unet2015.data.voxel import Voxel, in_nm
from unet2015.errors import InputError

if TYPE_CHECKING:
    import zarr

ZARR = ".zarr"
"""How the name of a folder ends that is to be written as OME-Zarr."""

MARKS = ("zarr.json", ".zgroup", ".zarray")
"""One of these lies in a folder of Zarr."""

BLOCK = 1024
"""Pixels along a side of what is packed together; a level of the pyramid has at most
one if no further one is needed."""

HELD = 2**27
"""Bytes of slices that are unpacked together, where blocks hold several."""


class Image(NamedTuple):
    """What an OME-Zarr says of its full resolution."""

    array: "zarr.Array"
    axes: list[str]  # as x, y, z, c and t
    sizes: dict[str, float | None]  # nm from one to the next along each axis


class ZarrStack(OpenStack):
    """The stack in an OME-Zarr.

    Parameters
    ----------
    image : Image
        Opened.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If its axes are not those of a greyscale stack.
    """

    def __init__(self, image: Image, name: str):
        array, axes = image.array, image.axes
        along = dict(zip(axes, array.shape, strict=True))
        others = {axis: size for axis, size in along.items() if axis not in "zyx"}
        if axes[-2:] != ["y", "x"] or set(others.values()) - {1} or 0 in array.shape:
            raise InputError(
                f"{name} has the axes {', '.join(axes)} and the shape {array.shape}, "
                "expected z, y, x, with one channel and one time at most; save one of "
                "them alone"
            )
        self._array, self._name = array, name
        self._axes = [slice(None) if axis in "yx" else 0 for axis in axes]
        self._z = axes.index("z") if "z" in axes else None
        self.shape = (along.get("z", 1), along["y"], along["x"])
        self.dtype = np.dtype("u1") if array.dtype == bool else array.dtype
        depth = 1 if self._z is None else array.chunks[self._z]
        of_slice = along["y"] * along["x"] * array.dtype.itemsize
        self._depth = min(depth, max(HELD // of_slice, 1))
        self._first, self._slices = None, None

    def __getitem__(self, index: int) -> np.ndarray:
        first = index - index % self._depth
        if first != self._first:
            self._first, self._slices = None, None  # not two at once in memory
            self._slices = self._read(slice(first, min(first + self._depth, len(self))))
            self._first = first
        return self._slices[index - first]

    def _read(self, slices: slice) -> np.ndarray:
        """Read some slices, shape (slices, height, width)."""
        import zarr

        places = list(self._axes)
        if self._z is not None:
            places[self._z] = slices
        one_by_one = {"async.concurrency": 1}  # several would be unpacked at once
        with _naming(self._name), zarr.config.set(one_by_one):
            pixels = np.asarray(self._array[tuple(places)])
        if pixels.dtype == bool:
            pixels = pixels.view(np.uint8) * 255
        return pixels.reshape(-1, *self.shape[1:])


def is_zarr(path: Path) -> bool:
    """Return whether a folder is one of Zarr."""
    return any((path / mark).is_file() for mark in MARKS)


def open_zarr(path: Path, name: str) -> ZarrStack:
    """Open an OME-Zarr as a stack.

    Parameters
    ----------
    path : Path
        Its folder.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If it is no OME-Zarr, is damaged, or is not a greyscale stack. Blocks that are
        missing count as its fill value, by the format's rules; there is a warning.
    """
    with _naming(name):
        image = _open(path, name)
        stack = ZarrStack(image, name)
        stored, there = image.array.nchunks, image.array.nchunks_initialized
    if there < stored:
        logging.warning(
            "warning: %s lacks %d of its %d blocks, which count as %s; if they are not "
            "empty, fetch or export it again",
            name,
            stored - there,
            stored,
            image.array.fill_value,
        )
    return stack


def voxel_of_zarr(path: Path) -> Voxel:
    """Return the pixel size that an OME-Zarr states."""
    sizes = _open(path, str(path)).sizes
    return Voxel(sizes.get("x"), sizes.get("z"))


def _open(path: Path, name: str) -> Image:
    """Open the full resolution of an OME-Zarr."""
    import zarr

    group = zarr.open_group(path, mode="r")
    attributes = group.attrs.asdict()
    found = attributes.get("ome", attributes).get("multiscales")
    if not found:
        raise InputError(
            f"{name} lacks multiscales in its metadata, expected an image of OME-Zarr; "
            "if it holds several, name the folder of one"
        )
    axes = [axis["name"] for axis in found[0]["axes"]]
    units = [axis.get("unit", "") for axis in found[0]["axes"]]
    full = found[0]["datasets"][0]
    scales = np.ones(len(axes))
    for step in (full, found[0]):
        for transformation in step.get("coordinateTransformations", []):
            if transformation["type"] == "scale":
                scales = scales * transformation["scale"]
    sizes = map(in_nm, scales.tolist(), units)
    return Image(group[full["path"]], axes, dict(zip(axes, sizes, strict=True)))


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn whatever zarr raises on a damaged folder into one error."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"{name} cannot be read as OME-Zarr ({type(error).__name__}: {error}); it "
            "is damaged or neither of version 0.4 nor 0.5: fetch or export it again"
        ) from error


def write_zarr(
    path: Path,
    slices: Iterable[np.ndarray],
    shape: Sequence[int],
    dtype: type | np.dtype,
    voxel: Voxel,
) -> None:
    """Write slices as they come, as OME-Zarr with a pyramid, whole or not at all.

    Parameters
    ----------
    path, slices, shape, dtype, voxel
        See :func:`unet2015.data.viewer_files.write_for_viewers`.

    Raises
    ------
    InputError
        If something lies there that this function has not written: such folders also
        hold raw images.
    """
    import zarr

    if path.exists() and not _is_ours(path):
        raise InputError(
            f"{path} exists and was not written by unet2015, expected a new name; "
            "choose another one, or remove it yourself"
        )
    with atomic_folder(path) as temporary:
        group = zarr.open_group(temporary, mode="w", zarr_format=2)
        levels = _levels(group, shape, dtype)
        group.attrs.update(_metadata(len(levels), dtype, voxel))
        for index, pixels in enumerate(slices):
            for level, array in enumerate(levels):
                array[index] = pixels[:: 2**level, :: 2**level]


WRITER = {"method": "unet2015: every second pixel"}
"""How the pyramid came about, and the mark of what may be replaced."""


def _is_ours(path: Path) -> bool:
    """Return whether a folder is as :func:`write_zarr` leaves it."""
    import zarr

    try:
        group = zarr.open_group(path, mode="r")
        return group.attrs["multiscales"][0]["metadata"] == WRITER
    except (OSError, LookupError, ValueError):
        return False


def _levels(
    group: "zarr.Group", shape: Sequence[int], dtype: type | np.dtype
) -> list["zarr.Array"]:
    """Make the arrays of a pyramid, the full resolution first."""
    levels, (slices, *sides) = [], shape
    while True:
        array = group.create_array(
            str(len(levels)),
            shape=(slices, *sides),
            chunks=(1, *(min(side, BLOCK) for side in sides)),
            dtype=dtype,
            chunk_key_encoding={"name": "v2", "separator": "/"},
            config={"write_empty_chunks": True},  # so that a lack is seen
        )
        levels.append(array)
        if max(sides) <= BLOCK:
            return levels
        sides = [(side + 1) // 2 for side in sides]


def _metadata(levels: int, dtype: type | np.dtype, voxel: Voxel) -> dict:
    """Return the attributes of an OME-Zarr."""
    sizes = (voxel.nm_per_slice, voxel.nm_per_pixel, voxel.nm_per_pixel)
    axes = [
        {"name": name, "type": "space"} | ({"unit": "nanometer"} if size else {})
        for name, size in zip("zyx", sizes, strict=True)
    ]
    z, y, x = (size or 1.0 for size in sizes)
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [
                {"type": "scale", "scale": [z, 2**level * y, 2**level * x]}
            ],
        }
        for level in range(levels)
    ]
    image = {"version": "0.4", "axes": axes, "datasets": datasets, "metadata": WRITER}
    numbers = {"image-label": {"version": "0.4"}}  # viewers colour them as ids
    return {"multiscales": [image]} | (
        numbers if np.issubdtype(dtype, np.integer) else {}
    )
