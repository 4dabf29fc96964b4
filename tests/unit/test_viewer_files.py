import sys
from unittest.mock import MagicMock

import numpy as np
import pytest
import tifffile

from unet2015.benchmarks.peak_memory import peak_of
from unet2015.data.stacks import open_image
from unet2015.data.tiff import read_stack, write_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError

RANDOM = np.random.default_rng(0)
PROBABILITY = RANDOM.random((30, 40, 50), dtype=np.float32)
IDS = RANDOM.integers(0, 2**32, (30, 40, 50), dtype=np.uint32)
VOXEL = Voxel(4, 50)


def write(path, stack, voxel=VOXEL):
    write_for_viewers(path, iter(stack), stack.shape, stack.dtype, voxel)
    return path


def assert_alike(found, expected):
    """Compare sizes that TIFF rounds to fractions; None only equals None."""
    pair = np.array([found, expected], dtype=float)
    np.testing.assert_allclose(*pair, rtol=1e-5)


@pytest.fixture
def small(monkeypatch):
    """Let every stack be too large for a classic TIFF."""
    monkeypatch.setattr("unet2015.data.tiff.CLASSIC", 0)


@pytest.mark.parametrize("stack", [PROBABILITY, IDS], ids=["float32", "uint32"])
def test_imagej_sees_slices_size_and_type(tmp_path, stack):
    with tifffile.TiffFile(write(tmp_path / "a.tif", stack)) as file:
        assert not file.is_bigtiff
        (series,) = file.series
        assert (series.kind, series.axes) == ("imagej", "ZYX")
        assert series.dtype == stack.dtype
        metadata, tags = file.imagej_metadata, file.pages.first.tags
        assert (metadata["slices"], metadata["unit"]) == (30, "nm")
        assert metadata["spacing"] == 50
        for axis in "XY":
            assert tags[f"{axis}Resolution"].value == (1, 4)  # pixels per unit
        np.testing.assert_array_equal(series.asarray(), stack)


@pytest.mark.parametrize("stack", [PROBABILITY, IDS], ids=["float32", "uint32"])
def test_bigtiff_has_ome_metadata(tmp_path, small, stack):
    with tifffile.TiffFile(write(tmp_path / "a.tif", stack)) as file:
        assert file.is_bigtiff
        (series,) = file.series
        assert (series.kind, series.axes) == ("ome", "ZYX")
        assert series.dtype == stack.dtype
        for shown in ('SizeZ="30"', 'PhysicalSizeX="4"', 'PhysicalSizeZ="50"'):
            assert shown in file.ome_metadata
        assert file.ome_metadata.count('Unit="nm"') == 3
        np.testing.assert_array_equal(series.asarray(), stack)


@pytest.mark.parametrize(
    "stack", [PROBABILITY[:1], PROBABILITY[..., :1], PROBABILITY[:1, :1, :1]]
)
def test_shape_is_kept(tmp_path, stack):
    path = write(tmp_path / "a.tif", stack)
    np.testing.assert_array_equal(read_stack(path), stack)


@pytest.mark.parametrize("voxel", [VOXEL, Voxel(4.25), Voxel(None, 50), Voxel()])
def test_size_comes_back(tmp_path, voxel):
    found = read_voxel(write(tmp_path / "a.tif", PROBABILITY, voxel))
    expected = voxel if voxel.nm_per_pixel else Voxel()  # one unit for both
    assert_alike(found, expected)


@pytest.mark.parametrize("voxel", [VOXEL, Voxel(4.25), Voxel(None, 50), Voxel()])
def test_size_comes_back_from_ome(tmp_path, small, voxel):
    assert read_voxel(write(tmp_path / "a.tif", PROBABILITY, voxel)) == voxel


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"imagej": True, "metadata": {"unit": "um", "spacing": 0.05}},
            Voxel(6, 50),
        ),
        ({"imagej": True, "metadata": {"unit": "\\u00B5m"}}, Voxel(6)),
        ({"imagej": True, "metadata": {"unit": "inch"}}, Voxel()),
        ({"imagej": True, "metadata": {"unit": "pixel"}}, Voxel()),
        ({}, Voxel()),
        ({"resolutionunit": "inch"}, Voxel()),
        (
            {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.006}},
            Voxel(6),
        ),
    ],
)
def test_units_of_others_are_understood(tmp_path, options, expected):
    path = tmp_path / "a.tif"
    per_unit = (1 / 0.006, 1 / 0.006)
    stack = (255 * PROBABILITY).astype(np.uint8)
    tifffile.imwrite(
        path, stack, photometric="minisblack", resolution=per_unit, **options
    )
    assert_alike(read_voxel(path), expected)


@pytest.mark.parametrize("name", ["missing.tif", "folder", "a.png", "damaged.tif"])
def test_other_files_state_no_size(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "damaged.tif").write_bytes(b"II*\0")
    assert read_voxel(tmp_path / name) == Voxel()


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
    writer = MagicMock()
    monkeypatch.setattr(tifffile, "TiffWriter", writer)
    write_for_viewers(tmp_path / "a.tif", [], shape, dtype, VOXEL)
    assert writer.call_args.kwargs == {"bigtiff": big, "ome": big}


def test_slice_is_written_before_the_next_is_made(tmp_path):
    sizes = []

    def slices():
        for part in PROBABILITY:
            (file,) = tmp_path.iterdir()
            sizes.append(file.stat().st_size)
            yield part

    write_for_viewers(
        tmp_path / "a.tif", slices(), PROBABILITY.shape, np.float32, VOXEL
    )
    assert sizes[2] - sizes[1] > 0.8 * PROBABILITY[1].nbytes


def test_failure_leaves_the_older_file(tmp_path):
    path = write(tmp_path / "a.tif", PROBABILITY)
    before = path.read_bytes()

    def slices():
        yield PROBABILITY[0]
        raise InputError("slice 1 is damaged")

    with pytest.raises(InputError, match="slice 1 is damaged"):
        write_for_viewers(path, slices(), PROBABILITY.shape, np.float32, VOXEL)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_reading_and_writing_hold_few_slices(tmp_path):
    shape = (24, 700, 700)
    stack = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    write_stack(tmp_path / "a.tif", stack)

    def copy():
        with open_image(tmp_path / "a.tif") as volume:
            slices = (volume[i].astype(np.float32) for i in range(len(volume)))
            write_for_viewers(tmp_path / "b.tif", slices, shape, np.float32, VOXEL)

    assert peak_of(copy) < stack.nbytes
