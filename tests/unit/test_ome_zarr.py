"""Stacks as OME-Zarr: those of others are read, and ours are written."""

import json
import shutil

import numpy as np
import pytest
import zarr

from unet2015.benchmarks.peak_memory import peak_of
from unet2015.data import ome_zarr
from unet2015.data.stacks import open_image, read_image
from unet2015.data.tiff import open_stack, read_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 20, 30), dtype=np.uint8)
VOXEL = Voxel(4, 50)
KINDS = {"z": "space", "y": "space", "x": "space", "t": "time", "c": "channel"}


def described(axes, scale, unit="nanometer"):
    """Return what an OME-Zarr says of an image of two levels."""
    named = [{"name": axis, "type": KINDS[axis], "unit": unit} for axis in axes]
    levels = [
        {
            "path": path,
            "coordinateTransformations": [{"type": "scale", "scale": factors}],
        }
        for path, factors in (("full", scale), ("half", [2 * s for s in scale]))
    ]
    return {"axes": named, "datasets": levels}


def write_theirs(path, pixels, axes="zyx", version="0.4", chunks=None, **options):
    """Write an image as another program does."""
    numbers = options.pop("scale", [50, 4, 4][-len(axes) :])
    numbers = [1] * (len(axes) - len(numbers)) + numbers
    formats = {"0.4": 2, "0.5": 3}
    group = zarr.open_group(path, mode="w", zarr_format=formats[version])
    image = described(axes, numbers, **options)
    if version == "0.4":
        group.attrs["multiscales"] = [image | {"version": version}]
    else:
        group.attrs["ome"] = {"version": version, "multiscales": [image]}
    chunks = chunks or (*(1,) * (pixels.ndim - 2), 16, 16)
    group.create_array("full", data=pixels, chunks=chunks)
    group.create_array("half", data=pixels[..., ::2, ::2])
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new.ome.zarr"


@pytest.mark.slow
@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("axes", ["zyx", "czyx", "tczyx", "tzyx"])
def test_slices_at_full_resolution(path, version, axes):
    pixels = GREY.reshape(*(1,) * (len(axes) - 3), *GREY.shape)
    write_theirs(path, pixels, axes, version)
    np.testing.assert_array_equal(read_image(path), GREY)
    with open_image(path) as volume:
        assert volume.shape == GREY.shape
        for index in (4, 0, 2):
            np.testing.assert_array_equal(volume[index], GREY[index])
    assert read_voxel(path) == VOXEL


def test_a_slice_without_z(path):
    write_theirs(path, GREY[0], "yx")
    np.testing.assert_array_equal(read_stack(path), GREY[:1])
    assert read_voxel(path) == Voxel(4)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.float32, ">u2", bool])
def test_types(path, dtype):
    pixels = (GREY % 2).astype(dtype)
    write_theirs(path, pixels)
    found = read_stack(path)
    assert found.dtype == (np.uint8 if dtype is bool else dtype)
    np.testing.assert_array_equal(found, pixels * (255 if dtype is bool else 1))


@pytest.mark.parametrize(
    ("options", "voxel"),
    [
        ({"unit": "micrometer", "scale": [0.05, 0.006, 0.006]}, Voxel(6, 50)),
        ({"unit": "angstrom", "scale": [500, 40, 40]}, VOXEL),
        ({"unit": "parsec"}, Voxel()),
        ({"unit": ""}, Voxel()),
    ],
)
def test_units(path, options, voxel):
    write_theirs(path, GREY, **options)
    np.testing.assert_allclose(
        np.array(read_voxel(path), float), np.array(voxel, float)
    )


def test_scale_of_all_levels_counts(path):
    write_theirs(path, GREY)
    file = path / ".zattrs"
    attributes = json.loads(file.read_text())
    whole = [{"type": "scale", "scale": [1, 1.5, 1.5]}]
    attributes["multiscales"][0]["coordinateTransformations"] = whole
    file.write_text(json.dumps(attributes))
    assert read_voxel(path) == Voxel(6, 50)


def test_blocks_of_several_slices_are_unpacked_once(path, monkeypatch):
    write_theirs(path, GREY, chunks=(2, 16, 16))
    read = []
    whole = ome_zarr.ZarrStack._read
    monkeypatch.setattr(
        ome_zarr.ZarrStack,
        "_read",
        lambda self, slices: read.append(slices) or whole(self, slices),
    )
    with open_stack(path) as stack:
        np.testing.assert_array_equal([stack[index] for index in range(5)], GREY)
    assert read == [slice(0, 2), slice(2, 4), slice(4, 5)]
    monkeypatch.setattr(ome_zarr, "HELD", 600)  # a slice
    read.clear()
    with open_stack(path) as stack:
        np.testing.assert_array_equal([stack[index] for index in range(5)], GREY)
    assert len(read) == 5


@pytest.mark.parametrize(
    ("axes", "shape", "message"),
    [
        ("czyx", (2, 3, 8, 9), r"c, z, y, x and the shape \(2, 3, 8, 9\), expected z"),
        ("tyx", (3, 8, 9), "t, y, x and the shape .*one of them alone"),
        ("xyz", (3, 8, 9), "x, y, z and the shape .*, expected z, y, x"),
    ],
)
def test_other_axes_are_refused(path, axes, shape, message):
    write_theirs(path, np.ones(shape, np.uint8), axes)
    with pytest.raises(InputError, match=message), open_stack(path):
        pass


def bare(path):
    zarr.create_array(path, data=GREY)


def nested(path):
    zarr.open_group(path, mode="w")
    write_theirs(path / "0", GREY)


def spoilt(file, content):
    def make(path):
        write_theirs(path, GREY)
        (path / file).write_bytes(content)

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bare, "cannot be read as OME-Zarr .*; it is damaged or neither of version"),
        (nested, "lacks multiscales in its metadata, expected .* name the folder of"),
        (spoilt(".zattrs", b"{}"), "lacks multiscales in its metadata"),
        (spoilt(".zattrs", b"{"), "cannot be read as OME-Zarr"),
        (spoilt("full/.zarray", b"{}"), "cannot be read as OME-Zarr"),
        (spoilt("full/3.0.1", b"cut"), "cannot be read as OME-Zarr"),
    ],
)
def test_what_cannot_be_read_is_one_line(path, make, message):
    make(path)
    with pytest.raises(InputError, match=message) as found:
        read_stack(path)
    assert str(path) in str(found.value)
    assert read_voxel(path) in (Voxel(), VOXEL)


def test_missing_blocks_are_warned_of(path, caplog):
    write_theirs(path, GREY)
    (path / "full/3.0.1").unlink()
    found = read_stack(path)
    assert "new.ome.zarr lacks 1 of its 20 blocks, which count as 0" in caplog.text
    assert not found[3, :16, 16:].any()


def test_few_slices_are_in_memory(path):
    pixels = np.broadcast_to(RANDOM.integers(0, 256, (1, 700, 700)), (40, 700, 700))
    write_theirs(path, pixels.astype(np.uint8), chunks=(8, 350, 350))

    def read():
        with open_image(path) as volume:
            assert sum(int(volume[index][0, 0]) for index in range(40))

    write_theirs(path.with_name("warm.zarr"), GREY)
    read_image(path.with_name("warm.zarr"))  # imports
    assert peak_of(read) < 0.6 * 40 * 700 * 700


def write(path, stack, voxel=VOXEL):
    write_for_viewers(path, iter(stack), stack.shape, stack.dtype, voxel)
    return path


@pytest.mark.parametrize("dtype", [np.float32, np.uint32])
@pytest.mark.parametrize("shape", [(3, 20, 30), (1, 1, 1), (2, 40, 1)])
@pytest.mark.parametrize("voxel", [VOXEL, Voxel(), Voxel(4), Voxel(None, 50)])
def test_what_was_written_comes_back(path, shape, dtype, voxel):
    stack = (1000 * RANDOM.random(shape)).astype(dtype)
    write(path, stack, voxel)
    found = read_stack(path)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, stack)
    assert read_voxel(path) == voxel


def test_pyramid_ends_where_a_block_suffices(path, monkeypatch, caplog):
    monkeypatch.setattr(ome_zarr, "BLOCK", 8)
    write(path, GREY)
    group = zarr.open_group(path, mode="r")
    shapes = {name: array.shape for name, array in group.arrays()}
    assert shapes == {"0": (5, 20, 30), "1": (5, 10, 15), "2": (5, 5, 8)}
    np.testing.assert_array_equal(group["2"][:], GREY[:, ::4, ::4])
    assert group["0"].chunks == (1, 8, 8)
    write(path, np.zeros_like(GREY))
    read_stack(path)
    assert not caplog.text  # empty blocks are stored, so none is missed


def test_slice_is_written_before_the_next_is_made(path):
    def slices():
        for index, pixels in enumerate(GREY):
            assert len([*path.parent.glob("*/0/*/0")]) == index
            yield pixels

    write_for_viewers(path, slices(), GREY.shape, np.uint8, VOXEL)


def test_failure_leaves_the_older_folder(path):
    write(path, GREY)

    def slices():
        yield GREY[0]
        raise InputError("slice 1 is damaged")

    with pytest.raises(InputError, match="slice 1 is damaged"):
        write_for_viewers(path, slices(), GREY.shape, np.uint8, Voxel())
    np.testing.assert_array_equal(read_stack(path), GREY)
    assert [*path.parent.iterdir()] == [path]
    write(path, GREY[:2])
    assert read_stack(path).shape == (2, 20, 30)


def test_folders_of_others_are_not_replaced(path):
    write_theirs(path, GREY)
    before = sorted(path.rglob("*"))
    with pytest.raises(InputError, match="was not written by unet2015, expected a new"):
        write(path, GREY)
    assert sorted(path.rglob("*")) == before
    shutil.rmtree(path)
    path.write_text("a file")
    with pytest.raises(InputError, match="was not written by unet2015"):
        write(path, GREY)
