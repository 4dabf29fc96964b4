"""Tiles equal the whole canvas up to rounding.

The same numbers are added up, but convolution libraries choose their algorithm
by the size of the input, so that the sums may be taken in another order.
"""

import numpy as np
import pytest
import torch

from unet2015 import tiling
from unet2015.geometry import Geometry
from unet2015.model import UNet
from unet2015.prediction import torch_network
from unet2015.tiling import Tile, cut, lay_canvas, predict_logits

NETWORKS = [
    # depth, padding, stem
    (1, "valid", 1),
    (1, "valid", 2),
    (2, "valid", 2),
    (3, "valid", 1),
    (4, "valid", 1),
    (1, "same", 1),
    (2, "same", 2),
    (3, "same", 1),
]
SHAPES = [(64, 64), (61, 93), (130, 47), (5, 90), (1, 1)]


def network_of(depth, padding, stem):
    torch.manual_seed(1)
    unet = UNet(width=2, depth=depth, padding=padding, stem=stem).eval()
    for module in unet.modules():  # biases show where zero padding creeps in
        if getattr(module, "bias", None) is not None:
            torch.nn.init.normal_(module.bias, std=0.3)
    return unet.geometry, torch_network(unet, torch.device("cpu"))


def noise(shape):
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def difference(a, b):
    """Return the largest difference as a fraction of the range of b."""
    return float(np.abs(a - b).max() / np.ptp(b))


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize(
    ("shape", "steps"),
    [((5, 47), 0), ((64, 64), 5), ((61, 93), 6.5), ((130, 47), 9.2), ((1, 1), 0)],
)
def test_tiles_equal_the_whole_canvas(kind, shape, steps):
    geometry, network = network_of(*kind)
    tile, seen = geometry.least_tile() + int(steps * geometry.step), []

    def watched(part):
        seen.append(part.shape)
        return network(part)

    whole = predict_logits(noise(shape), geometry, network, tile=0)
    tiled = predict_logits(noise(shape), geometry, watched, tile)
    assert tiled.shape == (2, *shape)
    assert difference(tiled, whole) < 1e-5
    assert np.max(seen) <= tile


@pytest.mark.parametrize("kind", NETWORKS)
def test_large_slice_is_cut_into_several_tiles(kind):
    geometry = Geometry(*kind)
    tiles = list(cut(lay_canvas(noise((300, 9)), geometry).image.shape[0], geometry, 0))
    assert len(tiles) == 1
    total = tiles[0].tail
    tiles = list(cut(total, geometry, geometry.least_tile() + geometry.step))
    assert len(tiles) > 3
    assert [t.stop for t in tiles[:-1]] == [t.start for t in tiles[1:]]
    assert all(t.lead % geometry.step == 0 for t in tiles)


@pytest.mark.parametrize("kind", [(2, "valid", 1), (2, "same", 1), (1, "valid", 2)])
def test_tile_off_the_pooling_grid_gives_other_logits(kind, monkeypatch):
    geometry, network = network_of(*kind)
    step, image = geometry.step, noise((130, 60))

    def with_lead(moved):
        """Let the second tile begin `moved` pixels earlier and keep its block."""

        def moved_cut(total, geometry, tile):
            for number, t in enumerate(cut(total, geometry, tile)):
                wider = t._replace(lead=t.lead - moved, tail=t.tail + step - moved)
                yield wider if number == 1 and total > 140 else t

        monkeypatch.setattr(tiling, "cut", moved_cut)
        return predict_logits(image, geometry, network, 2 * geometry.least_tile())

    whole = predict_logits(image, geometry, network, tile=0)
    assert difference(with_lead(0), whole) < 1e-5
    assert difference(with_lead(step), whole) < 1e-5
    assert difference(with_lead(1), whole) > 1e-3


@pytest.mark.parametrize("kind", NETWORKS)
def test_tile_without_room_is_refused(kind):
    geometry = Geometry(*kind)
    least, total = geometry.least_tile(), 1000 * geometry.step
    assert next(cut(total, geometry, least)).lead == 0
    with pytest.raises(ValueError, match=f"{least - 1} px is too small.*{least} px"):
        list(cut(total, geometry, least - 1))


def mirrored(index, length):
    """Reflect about the centres of the border pixels, as often as needed."""
    if length == 1:
        return 0
    index %= 2 * (length - 1)
    return min(index, 2 * (length - 1) - index)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("shape", SHAPES)
def test_canvas_mirrors_the_slice(kind, shape):
    geometry, image = Geometry(*kind), noise(shape)
    canvas = lay_canvas(image, geometry)
    rows, columns = (
        [mirrored(i - canvas.margin, length) for i in range(total)]
        for total, length in zip(canvas.image.shape, shape, strict=True)
    )
    np.testing.assert_array_equal(canvas.image, image[np.ix_(rows, columns)])


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("shape", SHAPES)
def test_canvas_is_mappable_covers_the_slice_and_is_no_larger_than_needed(kind, shape):
    geometry = Geometry(*kind)
    canvas = lay_canvas(noise(shape), geometry)
    for total, length in zip(canvas.image.shape, shape, strict=True):
        output = geometry.output_side(total)
        covered = output if geometry.padding == "valid" else total - canvas.margin
        assert length <= covered
        needed = max(length + 2 * canvas.margin, geometry.smallest_side)
        assert total - needed < geometry.step


def test_zero_border():
    geometry, image = Geometry(1, "valid", 1), noise((9, 12)) + 10
    canvas = lay_canvas(image, geometry, "zero")
    rows, columns = (slice(canvas.margin, canvas.margin + n) for n in (9, 12))
    np.testing.assert_array_equal(canvas.image[rows, columns], image)
    canvas.image[rows, columns] = 0
    assert not canvas.image.any()


def test_unknown_border_is_refused():
    with pytest.raises(ValueError, match="border is 'wrap', expected"):
        lay_canvas(noise((9, 9)), Geometry(1, "valid", 1), "wrap")


def test_whole_canvas_is_one_tile_if_it_fits():
    geometry = Geometry(1, "valid", 1)
    assert list(cut(40, geometry, 40)) == [Tile(8, 32, 0, 40)]
