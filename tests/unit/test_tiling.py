"""Tiles give the logits of one pass over the whole canvas.

The same numbers are added up, so that only the order of the sums can make a
difference. In exact arithmetic there is none. In float32 a convolution library
chooses the order by the size of the input and by the place of a pixel in a
block of its own: oneDNN agrees to the last bit for some networks and sizes, and
so does im2col on one thread but for a few columns at the edge. So the bits are
compared in exact arithmetic, and float32 up to rounding.
"""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from network_sizes import sizes_of

from unet2015.inference import tiling
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.prediction import torch_network
from unet2015.inference.tiling import Tile, canvas_side, cut, margin_of, predict_blocks
from unet2015.network.unet import UNet

NETWORKS = [
    # depth, padding, space_to_depth
    (1, "valid", 1),
    (1, "valid", 2),
    (2, "valid", 2),
    (3, "valid", 1),
    (4, "valid", 1),  # the paper's
    (1, "same", 1),
    (2, "same", 2),
    (3, "same", 1),
]
SHAPES = [(64, 64), (61, 93), (130, 47), (5, 90), (1, 1)]
MODES = {"mirror": "reflect", "zero": "constant"}


def unet_of(depth, padding, space_to_depth, width=2):
    torch.manual_seed(1)
    unet = UNet(
        width=width, depth=depth, padding=padding, space_to_depth=space_to_depth
    ).eval()
    for module in unet.modules():  # biases show where zero padding creeps in
        if getattr(module, "bias", None) is not None:
            torch.nn.init.normal_(module.bias, std=0.3)
    return unet


def network_of(*kind):
    unet = unet_of(*kind).to(memory_format=torch.channels_last)
    return unet.sizes, torch_network(unet, torch.device("cpu"), "float32")


def exact_network_of(*kind):
    """Return a network whose sums of whole numbers float64 holds exactly."""
    unet = unet_of(*kind).double()
    with torch.no_grad():
        for weights in unet.parameters():
            torch.nn.init.uniform_(weights, -1.6, 1.6).round_()

    def network(part):
        grey = torch.from_numpy(np.round(2 * part)).double()
        with torch.inference_mode():
            return unet(grey[None, None])[0].numpy()

    return unet.sizes, network


def noise(shape):
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def whole_pass(image, sizes, network, border="mirror"):
    """Lay out the whole canvas, predict it at once, and cut out the slice."""
    margin = margin_of(sizes)
    pads = [(margin, canvas_side(n, sizes) - margin - n) for n in image.shape]
    logits = network(np.pad(image, pads, mode=MODES[border]))
    first = margin - sizes.shrinkage // 2
    rows, columns = (slice(first, first + n) for n in image.shape)
    return logits[:, rows, columns]


def joined(image, sizes, network, tile, border="mirror"):
    """Put the blocks together; each pixel must come once."""
    logits, times = None, np.zeros(image.shape, dtype=int)
    for rows, columns, part in predict_blocks(image, sizes, network, tile, border):
        if logits is None:
            logits = np.full((2, *image.shape), np.nan, dtype=part.dtype)
        logits[:, rows, columns] = part
        times[rows, columns] += 1
    assert (times == 1).all()
    return logits


def difference(a, b):
    """Return the largest difference as a fraction of the range of b."""
    return float(np.abs(a - b).max() / np.ptp(b))


side = st.one_of(st.integers(1, 20), st.integers(1, 150))
steps = st.integers(0, 128).map(lambda n: n / 16)  # tiles of any size
examples = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", NETWORKS)
@settings(parent=examples, max_examples=12)
@given(shape=st.tuples(side, side), steps=st.tuples(steps, steps))
def test_tiles_equal_the_whole_pass_to_the_last_bit_in_exact_arithmetic(
    kind, shape, steps
):
    sizes, network = exact_network_of(*kind)
    tile = tuple(sizes.least_tile() + int(n * sizes.step) for n in steps)
    whole = whole_pass(noise(shape), sizes, network)
    assert np.abs(whole).max() < 2**53
    np.testing.assert_array_equal(
        joined(noise(shape), sizes, network, tile), whole, strict=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", NETWORKS)
@settings(parent=examples, max_examples=12)
@given(
    shape=st.tuples(side, side),
    steps=st.tuples(steps, steps),
    border=st.sampled_from(sorted(MODES)),
)
def test_tiles_equal_the_whole_pass_up_to_rounding_in_float32(
    kind, shape, steps, border
):
    sizes, network = network_of(*kind)
    tile, seen = (
        tuple(sizes.least_tile() + int(n * sizes.step) for n in steps),
        [],
    )

    def watched(part):
        seen.append(part.shape)
        return network(part)

    whole = whole_pass(noise(shape), sizes, network, border)
    tiled = joined(noise(shape), sizes, watched, tile, border)
    # The logits of a few pixels span too little to measure rounding by.
    span = max(np.ptp(whole), 1.0)
    assert np.abs(tiled - whole).max() / span < 1e-5
    assert (np.max(seen, axis=0) <= tile).all()


@pytest.mark.parametrize("kind", NETWORKS)
def test_large_slice_is_cut_into_several_tiles(kind):
    sizes = sizes_of(*kind)
    assert len(cut(300, sizes, 0)) == 1
    tiles = cut(300, sizes, sizes.least_tile() + sizes.step)
    assert len(tiles) > 3
    assert tiles[0].start == 0 and tiles[-1].stop == 300
    assert [t.stop for t in tiles[:-1]] == [t.start for t in tiles[1:]]
    assert all((t.lead + margin_of(sizes)) % sizes.step == 0 for t in tiles)


def test_tile_beside_the_slice_is_not_computed():
    sizes = sizes_of(1, "same", 1)
    margin = margin_of(sizes)
    tiles = cut(300, sizes, sizes.least_tile())
    assert all(t.stop > t.start for t in tiles)
    assert tiles[0].lead > -margin
    assert len(tiles) == 300 // sizes.step


@pytest.mark.parametrize("kind", [(2, "valid", 1), (2, "same", 1), (1, "valid", 2)])
def test_tile_off_the_pooling_grid_gives_other_logits(kind, monkeypatch):
    sizes, network = network_of(*kind)
    step, image = sizes.step, noise((130, 60))

    def with_lead(moved):
        """Let the second tile begin `moved` pixels earlier and keep its block."""

        def moved_cut(side, sizes, tile):
            tiles = cut(side, sizes, tile)
            if side > 100:
                t = tiles[1]
                tiles[1] = t._replace(lead=t.lead - moved, tail=t.tail + step - moved)
            return tiles

        monkeypatch.setattr(tiling, "cut", moved_cut)
        return joined(image, sizes, network, (2 * sizes.least_tile(),) * 2)

    whole = whole_pass(image, sizes, network)
    assert difference(with_lead(0), whole) < 1e-5
    assert difference(with_lead(step), whole) < 1e-5
    assert difference(with_lead(1), whole) > 1e-3


@pytest.mark.parametrize("kind", NETWORKS)
def test_tile_without_room_is_refused(kind):
    sizes = sizes_of(*kind)
    least, side = sizes.least_tile(), 1000 * sizes.step
    assert cut(side, sizes, least)
    with pytest.raises(ValueError, match=f"{least - 1} px is too small.*{least} px"):
        cut(side, sizes, least - 1)


@pytest.mark.parametrize("kind", NETWORKS)
def test_canvas_is_mappable_covers_the_slice_and_is_no_larger_than_needed(kind):
    sizes = sizes_of(*kind)
    for length in (1, 5, 47, 61, 64, 90, 93, 130):
        total, margin = canvas_side(length, sizes), margin_of(sizes)
        output = sizes.output_side(total)
        assert length <= (output if sizes.shrinkage else total - margin)
        assert total - max(length + 2 * margin, sizes.smallest_side) < sizes.step


@pytest.mark.parametrize("kind", NETWORKS)
def test_surroundings_are_those_of_a_padded_canvas(kind):
    sizes = sizes_of(*kind)
    margin = margin_of(sizes)
    for shape, border in itertools.product(SHAPES, MODES):
        image, sides = noise(shape), [canvas_side(n, sizes) for n in shape]
        pads = [(margin, t - margin - n) for t, n in zip(sides, shape, strict=True)]
        whole = np.pad(image, pads, mode=MODES[border])
        part = crop_mirrored(
            image, *(range(3 - margin, t - margin - 5) for t in sides), border
        )
        np.testing.assert_array_equal(part, whole[3:-5, 3:-5])
        assert part.flags.c_contiguous


def test_turned_slice_is_handed_over_in_c_order():
    turned = np.rot90(noise((9, 12)))
    assert crop_mirrored(turned, range(9), range(9)).flags.c_contiguous


def test_unknown_border_is_refused():
    with pytest.raises(ValueError, match="border is 'wrap', expected"):
        crop_mirrored(noise((9, 9)), range(9), range(9), "wrap")


def test_whole_canvas_is_one_tile_if_it_fits():
    sizes = sizes_of(1, "valid", 1)
    assert cut(24, sizes, 40) == [Tile(0, 24, -8, 32)]
