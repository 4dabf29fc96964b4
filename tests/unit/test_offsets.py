import itertools

import numpy as np
import pytest

from unet2015.data.offsets import paired

SHAPE = (4, 5)


@pytest.mark.parametrize("offset", itertools.product(range(-6, 7), repeat=2))
def test_every_pair_inside_and_no_other(offset):
    rows, columns = np.indices(SHAPE)
    inside = [
        (y, x)
        for y, x in np.ndindex(SHAPE)
        if 0 <= y + offset[0] < SHAPE[0] and 0 <= x + offset[1] < SHAPE[1]
    ]
    here, there = paired(SHAPE, offset)
    pairs = [[*zip(rows[p].flat, columns[p].flat, strict=True)] for p in (here, there)]
    assert pairs[0] == inside
    assert pairs[1] == [(y + offset[0], x + offset[1]) for y, x in inside]
