import numpy as np
import pytest

from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.linked_cells import linked_cells, linked_slices
from unet2015.samples.weight_map import instances_of

CASES = {
    "the same cells": ([1, 1, 2, 2], [2, 2, 1, 1], {1: 2, 2: 1}),
    "a branch": ([1, 1, 1, 1, 1], [1, 1, 1, 2, 2], {1: 1}),
    "an end": ([1, 1, 0, 2], [1, 1, 0, 0], {1: 1}),
    "half of the smaller": ([1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 0], {1: 1}),
    "less than half": ([1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], {}),
    "a cell between": ([1, 1, 2, 2, 2], [2, 2, 2, 2, 1], {1: 2}),
    "nothing": ([0, 0], [0, 1], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_partners_by_hand(case):
    one, other, partners = CASES[case]
    in_one, in_other = linked_cells(np.array([one]), np.array([other]))
    found = {
        int(cell): int(partner)
        for cell in np.flatnonzero(in_one)
        for partner in np.flatnonzero(in_other == in_one[cell])
    }
    assert found == partners
    assert (len(in_one), len(in_other)) == (max(one) + 1, max(other) + 1)


def test_partners_are_those_of_the_slow_reference(smooth):
    masks = (smooth((50, 60), seed, 4) > 120 for seed in (0, 9))
    one, other = (instances_of(mask * np.uint8(255)) for mask in masks)
    in_one, in_other = linked_cells(one, other)
    for cell in range(1, one.max() + 1):
        shared = np.bincount(other[one == cell], minlength=other.max() + 1)
        shared[0] = 0
        best = int(shared.argmax())
        back = np.bincount(one[other == best], minlength=one.max() + 1)
        back[0] = 0
        smaller = min((one == cell).sum(), (other == best).sum())
        linked = best and back.argmax() == cell and 2 * shared[best] >= smaller
        assert in_one[cell] == (cell if linked else 0)
        assert not linked or in_other[best] == cell
    assert 0 < np.count_nonzero(in_one) < one.max()


def test_neighbours_are_slices_that_are_trained_on():
    labels = np.full((3, 4, 5), 255, np.uint8)
    found = linked_slices(TrainingSlices(labels, labels, [6, 2, 7]), {1, -1})
    assert {key: each.place for key, each in found.items()} == {(0, 1): 2, (2, -1): 0}
    assert linked_slices(TrainingSlices(labels, labels), {1}).keys() == {(0, 1), (1, 1)}
    assert linked_slices(TrainingSlices(labels, labels), set()) == {}
