"""Some stacks as people and their programs save them, for programs to read.

Those that the reader itself knows stand in `unit/test_tiff_stack.py`.

Every writer takes a path and a stack, uint8, shape (slices, height, width). `READ` are
to be read as that stack; `SCALED` hold it times 16, in 16 bits; `REFUSED` end in one
line that holds some words, with nothing written.
"""

import imageio.v3 as imageio
import numpy as np
import tifffile
from tiny_data import lzw_bytes


def whole(cast=None, of=lambda stack: stack, photometric="minisblack", **options):
    """Return a writer of one TIFF by one call."""

    def write(path, stack):
        changed = of(stack).astype(cast or stack.dtype)
        tifffile.imwrite(path, changed, photometric=photometric, **options)

    return write


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
    "white_is_zero.tif": whole(of=lambda s: 255 - s, photometric="miniswhite"),
    "lzw.tif": lzw,
    "folder_of_slices": folder(),
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
    "channels.tif": (whole(of=lambda s: s[:3], imagej=True,
        metadata={"axes": "CYX", "mode": "composite"}), ["3 channels", "CYX"]),
    "float.tif": (whole(np.float32), ["float32", "intensity_range"]),
}  # fmt: skip
