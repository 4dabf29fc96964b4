import numpy as np
import pytest

from unet2015.data.instances import mask_of
from unet2015.errors import InputError

IDS = np.array(
    [
        [3, 3, 3, 7, 7, 7],
        [3, 3, 3, 7, 7, 7],
        [3, 3, 3, 0, 7, 7],
        [3, 3, 3, 3, 0, 5],
    ]
)
MASK = np.array(
    [
        [1, 1, 0, 0, 1, 1],
        [1, 1, 0, 0, 1, 1],
        [1, 1, 1, 0, 1, 0],
        [1, 1, 1, 1, 0, 0],
    ]
)
"""Above and beside another cell is membrane; the 7 at a corner of a 3 stays."""


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.uint16, np.int32, np.uint64, np.float32]
)
def test_membrane_parts_cells_that_touch(dtype):
    labels = mask_of(IDS[np.newaxis].astype(dtype), "mine")
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels[0], 255 * MASK)
    turned = mask_of(IDS.T[np.newaxis].astype(dtype), "mine")
    np.testing.assert_array_equal(turned[0], 255 * MASK.T)


def test_slices_do_not_touch_each_other():
    ids = np.stack([np.full((4, 4), 3), np.full((4, 4), 9)])
    assert (mask_of(ids, "mine") == 255).all()


def test_large_ids_that_differ_by_one_are_two():
    ids = np.repeat(np.uint64([[2**63, 2**63 + 1]]), 4, axis=1)
    ids = np.repeat(ids, 3, axis=0)[np.newaxis]
    ids[0, 0, 0] = 0
    labels = mask_of(ids, "mine")
    np.testing.assert_array_equal(labels[0, 1], [255, 255, 255, 0, 0, 255, 255, 255])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (IDS - 1, r"spans -1\.\.6 \(int64\), expected whole numbers from 0"),
        (IDS / 2, r"spans 0\.0\.\.3\.5 \(float64\), expected whole numbers"),
        (IDS * np.nan, r"spans nan\.\.nan"),
        (1 + (IDS > 3), "holds the values 1 and 2, which may be classes or cells"),
        (
            np.arange(256).reshape(16, 16),
            r"holds the values 0\.\.255 and most .*not the image",
        ),
    ],
)
def test_what_is_no_cells_is_refused(ids, message):
    with pytest.raises(InputError, match=f"^mine {message}"):
        mask_of(ids[np.newaxis], "mine")
