import numpy as np
import pytest
import tifffile

from unet2015.data.stacks import (
    check_labels,
    interior_fraction,
    is_unknown,
    pixel_sha256,
    read_image,
    read_labels,
    read_probability,
    warn_of_polarity,
)
from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError

GREY = np.arange(2 * 4 * 6, dtype=np.uint8).reshape(2, 4, 6)
LABELS = np.where(GREY % 4, 255, 0).astype(np.uint8)
PROBABILITY = (GREY / GREY.max()).astype(np.float32)


@pytest.mark.parametrize("stack", [GREY, GREY[:1], PROBABILITY, GREY.astype(np.uint16)])
def test_round_trip(tmp_path, stack):
    path = tmp_path / "deep" / "stack.tif"
    write_stack(path, stack)
    found = read_stack(path)
    assert found.dtype == stack.dtype
    np.testing.assert_array_equal(found, stack)


def test_single_page_is_a_stack_of_one_slice(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY[0], photometric="minisblack")
    np.testing.assert_array_equal(read_stack(tmp_path / "a.tif"), GREY[:1])


def test_axes_are_named_for_other_programs(tmp_path):
    write_stack(tmp_path / "a.tif", GREY)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.series[0].axes == "ZYX"


def test_stack_is_compressed(tmp_path):
    write_stack(tmp_path / "a.tif", np.zeros((10, 100, 100), dtype=np.uint8))
    assert (tmp_path / "a.tif").stat().st_size < 5_000


CASES = [
    (read_image, GREY.astype(np.uint16), "dtype uint16, expected uint8.*8 bit"),
    (read_image, PROBABILITY, "dtype float32, expected uint8.*8 bit"),
    (read_image, np.full_like(GREY, 9), r"constant \(grey level 9\).*export it again"),
    (read_labels, LABELS // 85, r"values 0, 3 \(uint8\), expected.*255.*threshold"),
    (read_labels, LABELS // 2 * 2, r"values 0, 254 \(uint8\), expected"),
    (read_labels, GREY, r"values 0, 1, 2, 3, 4, \.\.\. \(uint8\), expected"),
    (read_probability, GREY, "dtype uint8, expected float32.*divide.*by 255"),
    (read_probability, GREY.astype(np.uint16), "uint16, expected.*16-bit.*by 65535"),
    (read_probability, PROBABILITY + 1e-5, r"spans 1e-05\.\.1, expected 0\.\.1"),
    (read_probability, 255 * PROBABILITY, r"spans 0\.\.255, expected 0\.\.1; rescale"),
    (read_probability, PROBABILITY - 0.5, r"spans -0\.5\.\.0\.5, expected 0\.\.1"),
    (read_probability, PROBABILITY * np.nan, "NaN or infinite values; predict"),
    (read_probability, PROBABILITY + np.inf, "NaN or infinite values; predict"),
]


@pytest.mark.parametrize(("read", "stack", "message"), CASES)
def test_unusable_stack_is_refused(tmp_path, read, stack, message):
    write_stack(tmp_path / "a.tif", stack)
    with pytest.raises(InputError, match=f"a.tif.*{message}"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("read", "stack"),
    [
        (read_image, GREY),
        (read_labels, LABELS),
        (read_labels, np.full_like(GREY, 255)),
        (read_labels, 255 - LABELS),
        (read_labels, np.full_like(GREY, 127)),
        (read_labels, np.where(GREY == 5, 127, LABELS).astype(np.uint8)),
        (read_probability, PROBABILITY),
        (read_probability, PROBABILITY.astype(np.float64)),
    ],
)
def test_usable_stack_is_returned(tmp_path, read, stack):
    write_stack(tmp_path / "a.tif", stack)
    found = read(tmp_path / "a.tif")
    assert found.dtype == (np.float32 if read is read_probability else np.uint8)
    np.testing.assert_array_equal(found, stack)


def test_probabilities_are_clipped_by_what_rounding_adds(tmp_path):
    stack = PROBABILITY.astype(np.float64)
    stack[0, 0, :3] = -1e-9, 1.0000001, -1e-6
    write_stack(tmp_path / "a.tif", stack)
    found = read_probability(tmp_path / "a.tif")
    assert found[0, 0, :3].tolist() == [0, 1, 0]
    np.testing.assert_array_equal(found[1], PROBABILITY[1])


@pytest.mark.parametrize(
    ("labels", "unknown"),
    [
        (np.full((1, 2, 2), 127, np.uint8), True),
        (np.full((1, 2, 2), 127, np.int16), False),
        (np.full((1, 2, 2), 255, np.uint8), False),
        (np.array([[[127, 255]]], np.uint8), False),
    ],
)
def test_unknown_labels(labels, unknown):
    assert is_unknown(labels) == unknown


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int64, np.float32])
def test_zero_and_one_are_membrane_and_interior(dtype):
    labels = check_labels((LABELS > 0).astype(dtype), "mine")
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.uint64, np.float32])
def test_masks_of_any_type_pass(dtype):
    mask = np.where(GREY == 5, 127, LABELS)
    labels = check_labels(mask.astype(dtype), "mine")
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, mask)


@pytest.mark.parametrize("row", [[0, 255], [127, 255], [0, 0], [127, 0]])
def test_labels_are_returned_as_they_are(row):
    labels = np.array([[row]], np.uint8)
    assert check_labels(labels, "mine") is labels


def test_interior_is_a_part_of_what_is_known():
    labels = np.array([255, 255, 0, 127, 127], np.uint8)
    assert interior_fraction(labels) == 2 / 3
    assert interior_fraction(labels[3:]) == 0


def test_mostly_membrane_is_warned_of(caplog):
    warn_of_polarity(LABELS, "mine")
    assert not caplog.text
    warn_of_polarity(255 - LABELS, "mine")
    assert "mine is 25.0 % cell interior (255); if 0 is the interior" in caplog.text


def test_digest_is_that_of_the_pixels_in_c_order():
    # printf '\0\1\2\3' | sha256sum
    digest = "054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d8"
    stack = np.arange(4, dtype=np.uint8).reshape(1, 2, 2)
    assert pixel_sha256(stack) == digest
    assert pixel_sha256(np.asfortranarray(stack)) == digest
