import itertools

import pytest
from network_sizes import sizes_of

PAPER = sizes_of(depth=4, padding="valid", space_to_depth=1)
EVERY = list(itertools.product((1, 2, 3, 4, 5), ("valid", "same"), (1, 2, 4)))


def walk(side, depth, padding, space_to_depth):
    """Follow a side through the network; None if it breaks off on the way."""
    lost = 4 if padding == "valid" else 0  # two 3x3 convolutions
    if side % space_to_depth:
        return None
    side //= space_to_depth
    for _ in range(depth):
        side -= lost
        if side <= 0 or side % 2:
            return None
        side //= 2
    side -= lost
    for _ in range(depth):
        if side <= 0:
            return None
        side = 2 * side - lost
    return side * space_to_depth if side > 0 else None


def test_numbers_of_the_paper():
    assert PAPER.output_side(572) == 388
    assert (PAPER.context, PAPER.step, PAPER.smallest_side) == (92, 16, 188)


def test_sides_of_the_paper_are_16k_and_60_from_188():
    valid = [side for side in range(1, 700) if walk(side, 4, "valid", 1)]
    assert valid == [16 * k + 60 for k in range(8, 40)]


@pytest.mark.parametrize(("depth", "padding", "space_to_depth"), EVERY)
def test_sides_agree_with_a_walk_through_the_levels(depth, padding, space_to_depth):
    sizes = sizes_of(depth, padding, space_to_depth)
    first = sizes.smallest_side
    for side in range(1, first + 3 * sizes.step):
        expected = walk(side, depth, padding, space_to_depth)
        if expected is None:
            with pytest.raises(ValueError, match=f"side of {side} px"):
                sizes.output_side(side)
        else:
            assert sizes.output_side(side) == expected
    assert walk(first, depth, padding, space_to_depth)


@pytest.mark.parametrize(
    ("side", "nearest"),
    [
        (-7, "the nearest are 188"),
        (187, "the nearest are 188"),
        (189, "the nearest are 188 and 204"),
        (571, "the nearest are 556 and 572"),
        (573, "the nearest are 572 and 588"),
    ],
)
def test_error_names_the_nearest_sides(side, nearest):
    with pytest.raises(ValueError, match=f"{nearest}$"):
        PAPER.output_side(side)
