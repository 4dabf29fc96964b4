"""The slices of a TIFF, as a viewer shows them.

A TIFF states more than its pixels: how pages form series, what their axes are,
whether white is zero. What it states is followed, and what cannot be a greyscale
stack is refused.
"""

import contextlib
import functools
import logging
import math
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
from tifffile import (
    COMPRESSION,
    PHOTOMETRIC,
    PLANARCONFIG,
    TiffFile,
    TiffPage,
    TiffPageSeries,
)

from unet2015.data.open_stack import OpenStack
from unet2015.errors import InputError

PACKED = 1500
"""Bytes that a byte of a file can stand for: 1032 by deflate, some 1300 by LZW."""

PACKED_BY_OTHERS = 2**15
"""The same for later codecs: a block of 128 KiB takes 4 bytes in Zstandard."""

OLDER = (
    COMPRESSION.NONE,
    COMPRESSION.LZW,
    COMPRESSION.ADOBE_DEFLATE,
    COMPRESSION.DEFLATE,
    COMPRESSION.PACKBITS,
)

SAVE = "save it again as an 8-bit greyscale stack"


class TiffStack(OpenStack):
    """The stack in an open TIFF.

    Series of one shape and type are one stack, in the order of the file.

    Parameters
    ----------
    file : TiffFile
        Open.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If it is not a greyscale stack.
    ValueError
        If :func:`_check_declared` refuses it.
    """

    def __init__(self, file: TiffFile, name: str):
        file.is_uniform = False  # else tifffile unpacks every page as it does the first
        every = file.series
        series = [part for part in every if not part.keyframe.is_reduced] or every
        self._series, self._name = series, name
        self._orders = [_order(part, file, name) for part in series]
        pages = [page for part in series for page in part.pages]
        of_slices = all(map(_is_of_slices, series, self._orders))
        _check_declared(series, pages, file.filehandle.size)
        _check_one_kind(series, of_slices, name)
        _check_named(file, pages, name)
        first = series[0]
        each = (1, *(first.shape[axis] for axis in self._orders[0]))[-3:]
        count = len(pages) if of_slices else len(series) * each[0]
        self.shape = (count, *each[1:])
        self.dtype = _shown(np.empty(0, first.dtype), first.keyframe, name).dtype
        _warn_of_shape(self.shape, first.axes, name)
        if first.kind == "generic":  # pages are gathered by how they are packed
            pages.sort(key=lambda page: page.index)
        self._pages = pages if of_slices else []

    def __getitem__(self, index: int) -> np.ndarray:
        with _naming(self._name):
            if self._pages:
                page = self._pages[index]
                pixels = page.asarray(maxworkers=1).reshape(self.shape[1:])
                return _shown(pixels, page, self._name)
            part, index = divmod(index, len(self) // len(self._series))
            pixels = np.asarray(self._blocks[part][index])
            return _shown(pixels, self._series[part].keyframe, self._name)

    @functools.cached_property
    def _blocks(self) -> list[np.ndarray]:
        """The series, if pages are no slices, as in large stacks of ImageJ."""
        return [
            part.asarray(out="memmap").transpose(order).reshape(-1, *self.shape[1:])
            for part, order in zip(self._series, self._orders, strict=True)
        ]


def _is_of_slices(series: TiffPageSeries, order: list[int]) -> bool:
    """Return whether each page of a series is a slice."""
    count = math.prod(series.shape[:-2])
    plain = order == sorted(order)
    return plain and len(series.pages) == count and series.keyframe.ndim == 2


def _check_one_kind(series: list[TiffPageSeries], of_slices: bool, name: str) -> None:
    """Refuse series that are no slices of one stack."""
    shapes = [part.shape[-2:] if of_slices else part.shape for part in series]
    kinds = {f"{shape} {p.dtype}" for shape, p in zip(shapes, series, strict=True)}
    if len(kinds) > 1:
        shown = ", ".join(sorted(kinds)[:3]) + (", ..." if len(kinds) > 3 else "")
        raise InputError(
            f"{name} holds {len(series)} series of the shapes {shown}, expected one "
            "shape and type; save those alone that are the stack"
        )


def _check_named(file: TiffFile, pages: list, name: str) -> None:
    """Refuse a TIFF whose description names more or fewer slices than it holds."""
    kind, named = _named(file, pages)
    first = file.pages.first
    held = max(len(file.pages), len(pages) - pages.count(None)) * _planes(first)
    if len(file.pages) == 1 and first.is_contiguous:  # its pixels may run on
        rest = file.filehandle.size - first.dataoffsets[0]
        held = max(held, min(named, rest // first.nbytes))
    if named not in (0, held):
        raise InputError(
            f"{name} holds {held} slices, but its {kind} metadata name {named}, "
            "expected the same number; export the stack again, or fetch the files "
            "that belong to it"
        )


def _named(file: TiffFile, pages: list) -> tuple[str, int]:
    """Return which description names slices, and how many; 0 = no description."""
    kind = file.series[0].kind
    if file.is_ome and kind in ("ome", "generic"):
        with contextlib.suppress(ElementTree.ParseError):
            root = ElementTree.fromstring(file.ome_metadata)  # noqa: S314
            pixels = [image.attrib for image in root.iterfind("{*}Image/{*}Pixels")]
            counts = [[int(p[f"Size{axis}"]) for axis in "ZCT"] for p in pixels]
            return "OME", sum(map(math.prod, counts))
    elif file.is_imagej and kind in ("imagej", "generic"):
        found = file.imagej_metadata
        named = math.prod(found.get(n, 1) for n in ("channels", "slices", "frames"))
        return "ImageJ", named if named > 1 else 0  # else the description is bare
    elif kind == "shaped":
        sizes = [math.prod(found["shape"]) for found in file.shaped_metadata]
        firsts = [part.keyframe for part in file.series]
        areas = [page.size // _planes(page) for page in firsts]
        return "shape", sum(map(operator.floordiv, sizes, areas))
    return kind, len(pages) if None in pages else 0


def _planes(page: TiffPage) -> int:
    """Return how many planes of height x width a page holds."""
    return max(page.size // (page.imagelength * page.imagewidth), 1)


def _check_declared(series: list[TiffPageSeries], pages: list, size: int) -> None:
    """Raise ValueError if an open TIFF declares more pixels than it can hold.

    tifffile would allocate them all, search long for their segments, and fill
    what it does not find with zeros.
    """
    declared = sum(part.nbytes for part in series)
    older = all(part.keyframe.compression in OLDER for part in series)
    bound = (PACKED if older else PACKED_BY_OTHERS) * size
    if declared > bound:
        raise ValueError(
            f"it declares {declared} bytes of pixels, expected at most "
            f"{bound} in a file of {size} bytes"
        )
    for number, page in enumerate(pages):
        if page is None:  # see _check_named
            continue
        expected = 1 if page.is_contiguous else math.prod(page.chunked)
        if len(page.dataoffsets) < expected:
            raise ValueError(
                f"page {number} has {len(page.dataoffsets)} strips or tiles, expected "
                f"{expected}"
            )
        if max(page.databytecounts) > size:
            raise ValueError(
                f"page {number} has a strip or tile of {max(page.databytecounts)} "
                f"bytes, expected at most {size} as in the file"
            )
        ends = map(operator.add, page.dataoffsets, page.databytecounts)
        end, whole = max(ends), page.parent.filehandle.size
        if page.compression != COMPRESSION.NONE and end > whole:
            raise ValueError(  # some codecs would make up what is missing
                f"page {number} ends at byte {end}, expected at most {whole}"
            )


def _order(series: TiffPageSeries, file: TiffFile, name: str) -> list[int]:
    """Return the axes of a series in the order slices (if there are any), Y, X."""
    shape, axes = series.shape, series.axes
    samples = series.keyframe.samplesperpixel
    channels = "C" in axes and not _are_slices(file)
    if len(shape) not in (2, 3) or samples != 1 or 0 in shape or channels:
        raise InputError(
            f"{name} has shape {shape} with {samples} samples a pixel, axes {axes}, "
            f"expected greyscale slices (slices, height, width); "
            f"{_cure(series, samples)}"
        )
    last = {"Y": 1, "X": 2}
    return sorted(range(len(shape)), key=lambda axis: last.get(axes[axis], 0))


def _are_slices(file: TiffFile) -> bool:
    """Return whether what a file calls channels are slices.

    tifffile calls the slices of an ImageJ file channels unless it is told better,
    and their mode grayscale; Fiji calls that of channels composite or color.
    """
    return file.is_imagej and file.imagej_metadata.get("mode") == "grayscale"


def _cure(series: TiffPageSeries, samples: int) -> str:
    """Return what to do about a stack that is not greyscale."""
    shape, axes = series.shape, series.axes
    if samples > 1 and series.keyframe.planarconfig == PLANARCONFIG.SEPARATE:
        return (
            f"{samples} slices are stored as the colours of one page, as "
            "tifffile.imwrite does with 3 or 4: save them again with "
            'photometric="minisblack"'
        )
    if "C" in axes:
        return (
            f"it has {shape[axes.index('C')]} channels: save one alone, or, if they "
            "are slices, again with metadata={'axes': 'ZYX'} (Fiji: Image > Properties)"
        )
    if len(shape) > 3 and samples == 1:
        axis = min(range(len(shape)), key=lambda axis: (shape[axis], -axis))
        return (
            f"axis {axis} of size {shape[axis]} may hold channels or classes: {SAVE}, "
            "without colour channels or all classes but one"
        )
    return (
        f"{SAVE}, without colour channels; of classes, save one alone, and slices "
        'stored last with photometric="minisblack" and their axes'
    )


def _warn_of_shape(shape: tuple[int, int, int], axes: str, name: str) -> None:
    """Warn if another axis than the first looks like that of the slices."""
    slices, *sides = shape
    if min(sides) < slices and 4 * min(sides) < max(sides):
        logging.warning(
            "warning: %s has the axes %s, by which it is %d slices of %d x %d px; if "
            "slices are stored last, save it again with metadata={'axes': 'YXZ'}",
            name,
            axes,
            *shape,
        )


def _shown(pixels: np.ndarray, page: TiffPage, name: str) -> np.ndarray:
    """Return the grey levels that a viewer shows for stored numbers."""
    page = page.keyframe
    if page.photometric == PHOTOMETRIC.PALETTE:
        return _palette(page, name)[pixels]
    white_is_zero = page.photometric == PHOTOMETRIC.MINISWHITE
    if pixels.dtype.kind not in "bu":
        if white_is_zero:
            raise InputError(
                f"{name} is white-is-zero of dtype {pixels.dtype}, expected unsigned "
                "integers; save it again as black-is-zero"
            )
        return pixels
    highest = 2**page.bitspersample - 1
    if pixels.dtype == bool:
        pixels = pixels.view(np.uint8)
    if white_is_zero:
        pixels = highest - pixels
    return pixels * (255 // highest) if highest < 255 else pixels


def _palette(page: TiffPage, name: str) -> np.ndarray:
    """Return the grey level of each number, uint8."""
    red, green, blue = page.colormap
    if (red != green).any() or (red != blue).any():
        raise InputError(
            f"{name} has a palette of colours, expected grey levels; {SAVE}"
        )
    # Some writers fill 8 of the 16 bits.
    return (red >> 8 if red.max() > 255 else red).astype(np.uint8)


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn whatever tifffile raises on a damaged file into one error."""
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except Exception as error:
        if "imagecodecs" in str(error):
            raise InputError(
                f"{name} is packed in a way that needs a further package "
                f"({str(error).strip(chr(39))}); pip install imagecodecs"
            ) from error
        raise InputError(
            f"{name} cannot be read as a TIFF stack ({error}); "
            "the file is damaged or of another format: fetch or export it again"
        ) from error


@contextlib.contextmanager
def open_tiff(source: Path | str | BinaryIO, name: str) -> Iterator[TiffStack]:
    """Open a greyscale TIFF as a stack; a single page is a stack of one slice.

    Parameters
    ----------
    source : Path, str or binary file
        The TIFF.
    name : str
        What errors call it.

    Raises
    ------
    InputError
        If the file is missing, is not a TIFF, is damaged or is not a greyscale
        stack.
    """
    with contextlib.ExitStack() as files:
        with _naming(name):
            file = files.enter_context(TiffFile(source))
            stack = TiffStack(file, name)
        yield stack
