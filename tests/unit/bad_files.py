"""Files that a lab, a broken disk or somebody hostile may hand to the programs."""

import io
import json
import pickle
import struct

import numpy as np
import tifffile
from tiny_data import tiff_bytes, zip_bytes

MARK = "code-was-run"
"""Name of the file that appears if loading a file runs code."""


class _Runner:
    """An object whose unpickling makes a file."""

    def __init__(self, folder):
        self.path = str(folder / MARK)

    def __reduce__(self):
        return open, (self.path, "w")


def put(name, content):
    """Return a damage: `content`, bytes or text, in the place of a file."""

    def damage(folder):
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)

    return damage


def put_stack(name, stack, **options):
    """Return a damage: another stack in the place of a TIFF."""
    return put(name, tiff_bytes(np.asarray(stack), **options))


def put_array(name, array):
    """Return a damage: another array in the place of an .npy file."""
    return lambda folder: np.save(folder / name, array)


def remove(name):
    """Return a damage: a file that is missing."""
    return lambda folder: (folder / name).unlink()


def make_folder(name):
    """Return a damage: a folder in the place of a file, which may be missing."""

    def damage(folder):
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return damage


def cut(name, left=0.5):
    """Return a damage: a file that ends too early."""

    def damage(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(left * len(content))])

    return damage


def flip(name, place=0.7):
    """Return a damage: one bit of a file is another."""

    def damage(folder):
        content = bytearray((folder / name).read_bytes())
        content[int(place * len(content))] ^= 4
        (folder / name).write_bytes(content)

    return damage


def change(name, **values):
    """Return a damage: other values in a JSON object; None removes a key."""

    def damage(folder):
        found = {**json.loads((folder / name).read_text()), **values}
        found = {key: value for key, value in found.items() if value is not None}
        (folder / name).write_text(json.dumps(found))

    return damage


def put_pickle(name):
    """Return a damage: a pickle that runs code when it is loaded."""
    return lambda folder: put(name, pickle.dumps(_Runner(folder)))(folder)


def put_npy_pickle(name):
    """Return a damage: an .npy file of objects, which run code when loaded."""

    def damage(folder):
        np.save(folder / name, np.array([_Runner(folder)] * 3), allow_pickle=True)

    return damage


def rgb_bytes(stack):
    """Return a TIFF of colour slices."""
    file = io.BytesIO()
    tifffile.imwrite(file, np.stack([stack] * 3, axis=-1), photometric="rgb")
    return file.getvalue()


def giant_bytes(side=2**30):
    """Return a TIFF of some hundred bytes that declares side × side pixels."""
    content = bytearray(tiff_bytes(np.eye(8, dtype=np.uint8), compression="zlib"))
    with tifffile.TiffFile(io.BytesIO(bytes(content))) as file:
        tags = [file.pages[0].tags[n] for n in ("ImageWidth", "ImageLength")]
    for tag in tags:
        assert tag.dtype == 4  # LONG
        struct.pack_into("<I", content, tag.valueoffset, side)
    return bytes(content)


def encrypted_zip(name):
    """Return a zip archive that claims to be encrypted."""
    content = bytearray(zip_bytes({name: b"secret"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # flags of the central directory
    return bytes(content)


def bomb_zip(name, size):
    """Return a zip archive of zeros that unpack to a thousand times its size."""
    return zip_bytes({name: bytes(size)})
