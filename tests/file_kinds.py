"""Stacks as people and their programs save them, and what reading each must give.

Every writer takes a path and a stack, uint8, shape (slices, height, width). `READ` are
to be read as that stack; `SCALED` hold it times 16, in 16 bits; `REFUSED` end in one
line that holds some words, with nothing written.
"""

import imageio.v3 as imageio
import numpy as np
import tifffile
from tiny_data import lzw_bytes

GREY_PALETTE = np.stack([np.arange(256, dtype=np.uint16)[::-1] * 257] * 3)


def whole(cast=None, of=lambda stack: stack, photometric="minisblack", **options):
    """Return a writer of one TIFF by one call."""

    def write(path, stack):
        changed = of(stack).astype(cast or stack.dtype)
        tifffile.imwrite(path, changed, photometric=photometric, **options)

    return write


def pages(ome=False, size=1):
    """Return a writer that makes a series, or an OME image, of every `size` slices."""

    def write(path, stack):
        with tifffile.TiffWriter(path, ome=ome) as file:
            for start in range(0, len(stack), size):
                part = np.squeeze(stack[start : start + size])
                file.write(part, photometric="minisblack")

    return write


def append(path, stack):
    """Open the file anew for each slice."""
    for image in stack:
        tifffile.imwrite(path, image, append=True)


def lzw(path, stack):
    """Write as Pillow does."""
    path.write_bytes(lzw_bytes(stack))


def folder(suffix=".png", start=0, step=5, digits=1, cast=np.uint8, factor=1):
    """Return a writer of a folder with a file a slice, and one of notes."""

    def write(path, stack):
        path.mkdir()
        (path / "notes.txt").write_text("0.1 um\n")
        for number, image in enumerate(stack):
            name = f"slice{start + step * number:0{digits}d}{suffix}"
            imageio.imwrite(path / name, image.astype(cast) * cast(factor))

    return write


READ = {
    "slice_by_slice.tif": pages(),
    "two_by_two.tif": pages(size=2),
    "ome_images.ome.tif": pages(ome=True),
    "appended.tif": append,
    "white_is_zero.tif": whole(of=lambda s: 255 - s, photometric="miniswhite"),
    "palette.tif": whole(
        of=lambda s: 255 - s, photometric="palette", colormap=GREY_PALETTE
    ),
    "lzw.tif": lzw,
    "zstd.tif": whole(compression="zstd"),
    "imagej.tif": whole(imagej=True, metadata={"axes": "ZYX"}),
    "slices_last.tif": whole(
        of=lambda s: s.transpose(1, 2, 0), metadata={"axes": "YXZ"}
    ),
    "big.tif": whole(bigtiff=True, byteorder=">"),
    "folder_of_slices": folder(),
    "folder_of_tiffs": folder(".tif", start=9, step=1),
    "folder_with_zeros": folder(".PNG", digits=4),
}

SCALED = {
    "sixteen_bit.tif": whole(np.uint16, lambda s: s.astype(np.uint16) * 16),
    "sixteen_white.tif": whole(
        np.uint16, lambda s: 65535 - s.astype(np.uint16) * 16, photometric="miniswhite"
    ),
    "sixteen_folder": folder(cast=np.uint16, factor=16),
}
"""From a camera of 12 bits."""

REFUSED = {
    "four_slices_planar.tif": (whole(of=lambda s: s[:4], photometric=None),
        ['photometric="minisblack"', "4 slices"]),
    "three_slices_planar.tif": (whole(of=lambda s: s[:3], photometric=None),
        ['photometric="minisblack"', "3 slices"]),
    "channels.tif": (whole(of=lambda s: s[:3], imagej=True,
        metadata={"axes": "CYX", "mode": "composite"}), ["3 channels", "CYX"]),
    "ome_channels.ome.tif": (whole(ome=True, metadata={"axes": "CYX"}),
        ["channels", "CYX"]),
    "two_shapes.tif": (lambda path, stack: [append(path, stack),
        append(path, stack[:1, :40])], ["series", "(48, 40)", "(40, 40)"]),
    "colours.tif": (whole(of=lambda s: np.stack([s, s, 255 - s], -1),
        photometric="rgb"), ["greyscale"]),
    "signed.tif": (whole(np.int16), ["int16", "intensity_range"]),
    "float.tif": (whole(np.float32), ["float32", "intensity_range"]),
}  # fmt: skip
