import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unet2015.errors import InputError
from unet2015.inference.tile_choice import choose_tile
from unet2015.inference.tiling import canvas_side, cut
from unet2015.network.layers import unet_layers
from unet2015.network.memory import GB, needed_bytes
from unet2015.network.sizes import Sizes

PAPER = unet_layers()
NETWORKS = [
    PAPER,
    unet_layers(width=16, depth=2),
    unet_layers(width=32, padding="same", norm="batch", space_to_depth=2),
    unet_layers(width=8, depth=3, padding="same"),
]


def parts(shape, layers, tile):
    """Return the heights and the widths of the inputs of all tiles."""
    return [
        [part.tail - part.lead for part in cut(side, Sizes.of(layers), largest)]
        for side, largest in zip(shape, tile, strict=True)
    ]


def work(shape, layers, tile):
    """Return the pixels that the network computes, and the tiles."""
    heights, widths = parts(shape, layers, tile)
    return sum(heights) * sum(widths), len(heights) * len(widths)


def needed(shape, layers, tile, beside=0):
    heights, widths = parts(shape, layers, tile)
    return needed_bytes(layers, max(heights), max(widths), beside)


def try_all(shape, layers, memory):
    """Return the least work of all tiles that fit, every side tried; None if none."""
    sizes = Sizes.of(layers)
    sides = [
        range(min(sizes.least_tile(), total), total + 1)
        for total in (canvas_side(side, sizes) for side in shape)
    ]
    return min(
        (
            work(shape, layers, tile)
            for tile in itertools.product(*sides)
            if needed(shape, layers, tile) <= memory * GB
        ),
        default=None,
    )


CASES = [
    # height, width, GB, tile, rows and columns of tiles
    (512, 512, 0, (700, 700), (1, 1)),
    (512, 512, 1.08, (700, 700), (1, 1)),
    (512, 512, 0.78, (444, 700), (2, 1)),
    (512, 512, 0.68, (444, 444), (2, 2)),
    (512, 4096, 1.08, (700, 780), (1, 7)),
    (4096, 4096, 4, (1564, 1564), (3, 3)),
    (4, 4, 1, (188, 188), (1, 1)),
]


@pytest.mark.parametrize(("height", "width", "memory", "tile", "counts"), CASES)
def test_tile_of_the_papers_network(height, width, memory, tile, counts):
    shape = (height, width)
    assert choose_tile(shape, PAPER, memory) == tile
    assert tuple(map(len, parts(shape, PAPER, tile))) == counts


def test_six_tiles_may_be_less_work_than_five_strips():
    shape, layers = (2048, 2048), unet_layers(width=16, depth=2)
    tile, strips = choose_tile(shape, layers, 0.58), (452, 2088)
    assert tile == (724, 1064)
    assert needed(shape, layers, strips) <= 0.58 * GB
    assert work(shape, layers, tile)[1] == 6
    assert work(shape, layers, strips)[1] == 5
    assert work(shape, layers, tile) < work(shape, layers, strips)


@pytest.mark.slow
@pytest.mark.parametrize("layers", NETWORKS)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    share=st.floats(0, 1.1),
)
def test_no_other_tile_that_fits_is_less_work(layers, shape, share):
    whole = needed(shape, layers, (0, 0))
    least = needed(shape, layers, (Sizes.of(layers).least_tile(),) * 2)
    memory = (1 + min(least, whole) + share * abs(whole - least)) / GB  # 1: rounding
    tile = choose_tile(shape, layers, memory)
    assert needed(shape, layers, tile) <= memory * GB
    assert work(shape, layers, tile) == try_all(shape, layers, memory)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    layers=st.sampled_from(NETWORKS),
    shape=st.tuples(st.integers(1, 6000), st.integers(1, 6000)),
    memory=st.floats(0.68, 20),
    beside=st.integers(0, 10**8),
)
def test_bound_is_kept_and_more_memory_is_never_more_work(
    layers, shape, memory, beside
):
    tile = choose_tile(shape, layers, memory, beside)
    assert needed(shape, layers, tile, beside) <= memory * GB
    more = choose_tile(shape, layers, 1.5 * memory, beside)
    assert work(shape, layers, more) <= work(shape, layers, tile)


@pytest.mark.parametrize("tile", [0, 572])
@pytest.mark.parametrize("beside", [0, 10**9])
def test_error_names_the_least_memory(tile, beside):
    with pytest.raises(InputError, match=r"memory is 0.1 GB, expected at lea") as error:
        choose_tile((4096, 4096), PAPER, 0.1, beside, tile)
    assert ("tiles of 572 px" in str(error.value)) == bool(tile)
    least = float(str(error.value).split("at least ")[1].split()[0])
    choose_tile((4096, 4096), PAPER, least, beside, tile)
    with pytest.raises(InputError, match=f"at least {least:g} GB"):
        choose_tile((4096, 4096), PAPER, least - 0.01, beside, tile)


@pytest.mark.parametrize("memory", [0, 4])
def test_stated_tile_is_taken(memory):
    assert choose_tile((4096, 300), PAPER, memory, tile=572) == (572, 572)


def test_without_a_bound_nothing_is_too_large():
    assert choose_tile((60000, 60000), PAPER, 0) == (60188, 60188)


@pytest.mark.parametrize("memory", [-1, float("nan")])
def test_impossible_bound_is_refused(memory):
    with pytest.raises(
        InputError, match=r"memory is .* GB, expected 0 \(no bound\) or"
    ):
        choose_tile((64, 64), PAPER, memory)
