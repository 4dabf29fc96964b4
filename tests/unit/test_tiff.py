import numpy as np
import pytest
import tifffile

from unet2015.data.stacks import open_image, read_image
from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (4, 30, 50), dtype=np.uint8)
PROBABILITY = RANDOM.random((3, 300, 500), dtype=np.float32)


def write(stack, **options):
    return lambda path: tifffile.imwrite(path, stack, **options)


WRITERS = {
    "deflate": lambda path: write_stack(path, GREY),
    "raw": write(GREY, photometric="minisblack"),
    "ImageJ": write(GREY, imagej=True),
    "one page": write(GREY, photometric="minisblack", volumetric=True),
    "tiles": write(GREY, photometric="minisblack", tile=(16, 16), compression="zlib"),
    "one slice": write(GREY[0], photometric="minisblack"),
    "one slice of a stack": lambda path: write_stack(path, GREY[:1]),
    "big": write(GREY, photometric="minisblack", bigtiff=True, byteorder=">"),
}


def write_cut_imagej(path):
    """Write as ImageJ does above 4 GB: pages after the first are not described."""
    with tifffile.TiffWriter(path, imagej=True) as file:
        file.write(GREY, contiguous=True, truncate=True)


@pytest.mark.parametrize("make", [*WRITERS.values(), write_cut_imagej])
def test_slices_are_those_of_the_whole_stack(tmp_path, make):
    make(tmp_path / "a.tif")
    whole = read_image(tmp_path / "a.tif")
    with open_image(tmp_path / "a.tif") as volume:
        assert volume.shape == whole.shape
        assert len(volume) == len(whole)
        for index in (*range(len(whole)), 0):
            found = volume[index]
            assert found.dtype == np.uint8
            np.testing.assert_array_equal(found, whole[index])


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"<html>404"),
        lambda path: path.mkdir(),
        write(np.zeros((4, 6, 3), np.uint8), photometric="rgb"),
        write(np.zeros((2, 2, 4, 6), np.uint8), photometric="minisblack"),
        write(GREY.astype(np.uint16), photometric="minisblack"),
        write(np.full_like(GREY, 9), photometric="minisblack"),
    ],
    ids=["missing", "empty", "text", "folder", "colour", "axes", "16 bit", "constant"],
)
def test_unusable_file_is_refused_in_the_words_of_the_whole_stack(tmp_path, make):
    path = tmp_path / "a.tif"
    make(path)
    with pytest.raises(InputError) as expected:
        read_image(path)
    with pytest.raises(InputError) as found, open_image(path):
        pass
    assert str(found.value) == str(expected.value)


def test_stack_of_slices_that_are_constant_but_differ_passes(tmp_path):
    stack = np.zeros_like(GREY)
    stack[1] = 3
    write_stack(tmp_path / "a.tif", stack)
    with open_image(tmp_path / "a.tif") as volume:
        assert [volume[index].max() for index in range(4)] == [0, 3, 0, 0]


def test_truncated_file_is_refused_before_anything_is_predicted(tmp_path):
    path = tmp_path / "a.tif"
    write_stack(path, GREY)
    whole = path.read_bytes()
    for length in range(0, len(whole), 397):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="cannot be read as"), open_image(path):
            pass


@pytest.mark.parametrize(
    ("shape", "dtype", "big"),
    [
        ((999, 1000, 1000), np.float32, False),
        ((1001, 1000, 1000), np.float32, True),
        ((3999, 1000, 1000), np.uint8, False),
        ((4001, 1000, 1000), np.uint8, True),
    ],
)
def test_stack_that_nears_4_gb_is_a_bigtiff(tmp_path, monkeypatch, shape, dtype, big):
    asked = []
    monkeypatch.setattr(
        tifffile, "imwrite", lambda *_, bigtiff, **__: asked.append(bigtiff)
    )
    write_stack(tmp_path / "a.tif", np.broadcast_to(dtype(0), shape))
    assert asked == [big]


def test_bigtiff_is_read_as_any_other(tmp_path, monkeypatch):
    monkeypatch.setattr("unet2015.data.tiff.CLASSIC", PROBABILITY.nbytes - 1)
    write_stack(tmp_path / "a.tif", PROBABILITY)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.is_bigtiff
    np.testing.assert_array_equal(read_stack(tmp_path / "a.tif"), PROBABILITY)
