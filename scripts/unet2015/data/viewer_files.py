"""Stacks that Fiji and napari open with the axis Z and the pixel size.

Up to 4 GB a TIFF is as ImageJ writes it; above, a BigTIFF, which ImageJ's own reader
does not know, with OME metadata. A name that ends in .zarr is that of an OME-Zarr.

References
----------
ImageJ: ``ij.io.TiffEncoder``, ``ij.io.TiffDecoder``; OME-TIFF specification,
https://ome-model.readthedocs.io/en/stable/ome-tiff/specification.html
"""

import contextlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import tifffile

from unet2015.atomic_write import atomic_write
from unet2015.data import tiff
from unet2015.data.ome_zarr import ZARR, is_zarr, voxel_of_zarr, write_zarr
from unet2015.data.voxel import Voxel, in_nm


def write_for_viewers(
    path: Path | str,
    slices: Iterable[np.ndarray],
    shape: Sequence[int],
    dtype: type | np.dtype,
    voxel: Voxel,
) -> None:
    """Write slices as they come, as deflate TIFF or OME-Zarr, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Destination, by its end .zarr an OME-Zarr; what exists is replaced.
    slices : iterable of ndarray, shape (height, width)
        As many as `shape` says.
    shape : sequence of int
        Slices, height and width.
    dtype : type or dtype
        Of the slices.
    voxel : Voxel
        Written where it is known.
    """
    if Path(path).suffix == ZARR:
        write_zarr(Path(path), slices, shape, dtype, voxel)
    else:
        _write_tiff(path, slices, shape, dtype, voxel)


def _write_tiff(
    path: Path | str,
    slices: Iterable[np.ndarray],
    shape: Sequence[int],
    dtype: type | np.dtype,
    voxel: Voxel,
) -> None:
    """Write a TIFF, as ImageJ's or, if it is large, as an OME-TIFF."""
    options = {
        "photometric": "minisblack",
        "compression": "zlib",
        "maxworkers": 1,  # several would draw many slices ahead of writing them
    }
    big = math.prod(shape) * np.dtype(dtype).itemsize > tiff.CLASSIC
    with (
        atomic_write(path) as temporary,
        tifffile.TiffWriter(temporary, bigtiff=big, ome=big) as file,
    ):
        if big:
            options |= {"shape": shape, "dtype": dtype, "metadata": _ome(voxel)}
            file.write(iter(slices), **options)
        else:
            options |= _as_imagej(shape[0], voxel)
            for pixels in slices:
                file.write(pixels, **options)


def _as_imagej(slices: int, voxel: Voxel) -> dict:
    """Return the arguments of tifffile for the pages of a file as ImageJ's.

    The description is written by hand: tifffile's own refuses uint32, which ImageJ
    opens.
    """
    lines = ["ImageJ=1.11a", f"images={slices}", f"slices={slices}"]
    options = {"metadata": None, "resolutionunit": tifffile.RESUNIT.NONE}
    if voxel.nm_per_pixel:
        lines.append("unit=nm")
        options["resolution"] = (1 / voxel.nm_per_pixel,) * 2
        if voxel.nm_per_slice:
            lines.append(f"spacing={voxel.nm_per_slice:g}")
    return {"description": "\n".join([*lines, "loop=false", ""]), **options}


def _ome(voxel: Voxel) -> dict:
    """Return what tifffile writes as OME metadata."""
    sizes = dict(
        zip("XYZ", (*[voxel.nm_per_pixel] * 2, voxel.nm_per_slice), strict=True)
    )
    metadata = {"axes": "ZYX"}
    for axis, size in sizes.items():
        if size:
            metadata[f"PhysicalSize{axis}"] = size
            metadata[f"PhysicalSize{axis}Unit"] = "nm"
    return metadata


def read_voxel(path: Path | str) -> Voxel:
    """Return the pixel size that a TIFF states as ImageJ or OME do, or an OME-Zarr.

    Parameters
    ----------
    path : Path or str
        Any file or folder; what is of another kind, or states no size in a unit of
        length, states none. Resolutions per inch are those of printers and are ignored.
    """
    path = Path(path)
    # tifffile and zarr raise many kinds; who reads the pixels says what is wrong.
    with contextlib.suppress(Exception):
        if is_zarr(path):
            return voxel_of_zarr(path)
        if path.suffix.lower() in (".tif", ".tiff"):
            with tifffile.TiffFile(path) as file:
                if file.is_ome:
                    return _of_ome(file.ome_metadata)
                if file.is_imagej:
                    return _of_imagej(file)
    return Voxel()


def _of_ome(text: str) -> Voxel:
    """Return the sizes of the first image of OME metadata."""
    pixels = ElementTree.fromstring(text).find("{*}Image/{*}Pixels")  # noqa: S314
    found = {} if pixels is None else pixels.attrib

    def size(axis: str) -> float | None:
        value = float(found.get(f"PhysicalSize{axis}", 0))
        return in_nm(value, found.get(f"PhysicalSize{axis}Unit", "µm"))

    return Voxel(size("X"), size("Z"))


def _of_imagej(file: tifffile.TiffFile) -> Voxel:
    """Return the sizes of an ImageJ file."""
    described, tags = file.imagej_metadata, file.pages.first.tags
    unit = str(described.get("unit", ""))
    per_unit, ones = tags["XResolution"].value if "XResolution" in tags else (0, 1)
    return Voxel(
        in_nm(ones / per_unit if per_unit else 0, unit),
        in_nm(float(described.get("spacing", 0)), unit),
    )
