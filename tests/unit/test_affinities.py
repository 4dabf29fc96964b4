import numpy as np
import pytest
import tifffile
from affinity_files import write_affinities

from unet2015.data.affinities import read_affinities
from unet2015.data.offsets import check_offsets
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError

OFFSETS = ((0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 9, -4))
STACK = np.random.default_rng(3).random((3, 4, 9, 14), dtype=np.float32)


def test_what_is_written_is_read(tmp_path):
    write_affinities(tmp_path / "a.tif", iter(STACK), np.array(OFFSETS))
    found, offsets = read_affinities(tmp_path / "a.tif")
    assert offsets == OFFSETS
    assert found.dtype == np.uint8 and found.shape == STACK.shape
    assert np.abs(found / np.float32(255) - STACK).max() <= 0.5 / 255 + 1e-7
    assert [file.name for file in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize("shape", [(1, 4, 9, 14), (2, 1, 9, 14), (1, 1, 1, 1)])
def test_stacks_of_one_slice_or_offset_are_read(tmp_path, shape):
    write_affinities(tmp_path / "a.tif", np.zeros(shape, "f4"), OFFSETS[: shape[1]])
    assert read_affinities(tmp_path / "a.tif")[0].shape == shape


def test_ends_of_the_range_are_exact(tmp_path):
    ends = np.float32([0, 1, -1e-7, 1 + 1e-7, 0.502]).reshape(1, 1, 1, 5)
    write_affinities(tmp_path / "a.tif", ends, OFFSETS[:1])
    found = read_affinities(tmp_path / "a.tif")[0]
    assert found.ravel().tolist() == [0, 255, 0, 255, 128]


def test_slices_are_asked_for_one_by_one(tmp_path):
    asked = []

    def failing():
        for affinities in STACK:
            asked.append(1)
            yield affinities
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_affinities(tmp_path / "a.tif", failing(), OFFSETS)
    assert len(asked) == 1 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("slices", "message"),
    [
        ([], "0 slices, expected 1 or more"),
        (STACK[:, :3], r"shape \(3, 9, 14\), expected \(4, 9, 14\)"),
        ([STACK[0], STACK[0, :, :8]], r"shape \(4, 8, 14\), expected \(4, 9, 14\)"),
        (STACK[0], r"shape \(9, 14\), expected \(4, 9, 14\)"),
        (STACK * np.nan, "holds NaN"),
        (STACK + 1, r"expected 0\.\.1"),
        ((255 * STACK).astype("u1"), "uint8, expected float32"),
    ],
)
def test_what_are_no_affinities_is_not_written(tmp_path, slices, message):
    with pytest.raises(InputError, match=rf"a\.tif .*{message}"):
        write_affinities(tmp_path / "a.tif", slices, OFFSETS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        ([], "three whole numbers"),
        (7, "three whole numbers"),
        ([[0, 1]], "three whole numbers"),
        ([[0, 0, 1], [1]], "three whole numbers"),
        ([[0, 0, 0.5]], "three whole numbers"),
        ([["0", "0", "1"]], "three whole numbers"),
        ([[0, 0, 10**30]], "three whole numbers .* below 1048576"),
        ([[0, 0, 0]], "none that is zero"),
        ([[0, 0, 1], [0, 0, 1]], "the same as another"),
        ([[0, 9, -4], [0, -9, 4]], "its opposite"),
    ],
)
def test_offsets_that_say_nothing_are_refused(offsets, message):
    with pytest.raises(InputError, match=f"there has the offsets .*{message}"):
        check_offsets(offsets, "there")


def test_offsets_of_numpy_become_whole_numbers():
    found = check_offsets(np.array(OFFSETS), "there")
    assert found == OFFSETS
    assert {type(n) for offset in found for n in offset} == {int}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.write_bytes(b"II*"), "cannot be read"),
        (
            lambda path: tifffile.imwrite(
                path, STACK[0, 0], metadata=None, description="[" * 10**5
            ),
            "description .*expected JSON",
        ),
        (lambda path: write_stack(path, STACK[0]), "description .*expected JSON"),
        (
            lambda path: tifffile.imwrite(
                path, STACK[0, 0], metadata=None, description='{"offsets": [[0, 0, 1]]}'
            ),
            "1 pages of float32, expected uint8",
        ),
        (
            lambda path: tifffile.imwrite(
                path,
                np.zeros((3, 9, 14), "u1"),
                metadata=None,
                photometric="minisblack",
                description='{"offsets": [[0, 0, 1], [0, 1, 0]]}',
            ),
            "3 pages of uint8, expected uint8 and a multiple of its 2 offsets",
        ),
        (
            lambda path: tifffile.imwrite(
                path, STACK[0, 0], metadata=None, description='{"offsets": 3}'
            ),
            "offsets 3, expected one or more of three",
        ),
    ],
    ids=["missing", "cut", "nested", "stack", "float", "pages", "no offsets"],
)
def test_other_files_are_refused(tmp_path, make, message):
    make(tmp_path / "a.tif")
    with pytest.raises(InputError, match=message):
        read_affinities(tmp_path / "a.tif")
