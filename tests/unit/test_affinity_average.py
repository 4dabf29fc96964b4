import itertools

import numpy as np
import pytest
import torch
from onnx_files import NORMALISATION, make_network

from unet2015.inference.affinity_average import AffinitySums
from unet2015.inference.prediction import predict_tiled, torch_network
from unet2015.inference.tile_choice import choose_tiles
from unet2015.inference.views import SCALES, resizing, views
from unet2015.network.layers import unet_layers
from unet2015.network.sizes import Sizes
from unet2015.settings import defaults

OFFSETS = [(0, 0, 1), (0, 1, 0), (0, 3, 2), (0, 3, -2), (0, -2, 3), (0, 4, 1)]
SHAPE = (9, 13)
SETTINGS = defaults("inference") | {"test_time_augmentation": "symmetries"}
NETWORK = {"width": 4, "depth": 2, "affinities": [list(each) for each in OFFSETS]}


def sums(shape=SHAPE, offsets=OFFSETS):
    return AffinitySums(np.zeros((len(offsets), *shape), np.float32), offsets)


def random_affinities(view, seed=0, offsets=OFFSETS):
    generator = np.random.default_rng(seed)
    return generator.random((len(offsets), *view.shape), np.float32)


def explicit(view, affinities, offsets=OFFSETS, shape=SHAPE):
    """Return the affinities of every pair of pixels, found at its ends in the view.

    NaN where the view does not know the offset, 0 where the pair leaves the slice.
    """
    numbers = np.arange(np.prod(shape)).reshape(shape)
    placed = view.forward(numbers)
    places = {number: np.argwhere(placed == number)[0] for number in numbers.flat}
    found = np.zeros((len(offsets), *shape), np.float32)
    for channel, (_, down, right) in enumerate(offsets):
        for y, x in np.ndindex(shape):
            if not (0 <= y + down < shape[0] and 0 <= x + right < shape[1]):
                continue
            one, other = places[numbers[y, x]], places[numbers[y + down, x + right]]
            there, back = (0, *(other - one)), (0, *(one - other))
            if there in offsets:
                value = affinities[offsets.index(there)][tuple(one)]
            elif back in offsets:
                value = affinities[offsets.index(back)][tuple(other)]
            else:
                value = np.nan
            found[channel, y, x] = value
    return found


@pytest.mark.parametrize("number", range(8))
def test_each_symmetry_is_the_transformation_pixel_by_pixel(number):
    view = next(itertools.islice(views("symmetries", SHAPE), number, None))
    affinities, found = random_affinities(view), sums()
    found.add(view, affinities)
    expected = explicit(view, affinities)
    np.testing.assert_array_equal(found.totals, np.nan_to_num(expected, nan=0.0))


def test_mean_is_over_the_views_that_know_an_offset():
    found, each = sums(), []
    for seed, view in enumerate(views("symmetries", SHAPE)):
        affinities = random_affinities(view, seed)
        found.add(view, affinities)
        each.append(explicit(view, affinities))
    counts = [sum(not np.isnan(e[k]).any() for e in each) for k in range(len(OFFSETS))]
    assert counts == [8, 8, 6, 6, 6, 2]
    found.average(networks=1)
    np.testing.assert_allclose(found.totals, np.nanmean(each, axis=0), rtol=1e-6)


def test_networks_share_the_mean():
    (view,) = views("none", SHAPE)
    found, affinities = sums(), random_affinities(view)
    found.add(view, 3 * affinities)
    found.average(networks=3)
    np.testing.assert_allclose(found.totals, explicit(view, affinities), rtol=1e-6)


def test_offset_between_slices_is_not_read_backwards():
    offsets = [(1, 0, 1), (-1, 0, 0)]
    turned = {}
    for view in views("symmetries", SHAPE):
        one = sums(offsets=offsets)
        one.add(view, random_affinities(view, offsets=offsets))
        turned[view.turn(0, 1)] = one.totals.any(axis=(1, 2)).tolist()
    assert turned == {
        (0, 1): [True, True],
        (0, -1): [False, True],
        (1, 0): [False, True],
        (-1, 0): [False, True],
    }


@pytest.mark.parametrize(
    ("kind", "count"), [("none", 1), ("symmetries", 8), ("scales", 8), ("rotations", 1)]
)
def test_views_of_other_pixels_take_no_part(kind, count):
    assert sum(view.turn is not None for view in views(kind, SHAPE)) == count
    assert [resizing(scale, SHAPE).turn is not None for scale in SCALES] == [
        scale == 1 for scale in SCALES
    ]


@pytest.mark.parametrize(
    "kind", ["none", "symmetries", pytest.param("scales", marks=pytest.mark.slow)]
)
def test_interior_is_that_of_the_first_two_channels(kind):
    unet = make_network(**NETWORK)
    network = torch_network(unet, torch.device("cpu"), "float32")
    image = np.random.default_rng(0).integers(0, 256, (40, 50), np.uint8)
    settings = SETTINGS | {"test_time_augmentation": kind}
    tiles = choose_tiles(image.shape, unet.layers, settings, affinities=len(OFFSETS))
    known = unet.sizes, [network], NORMALISATION, settings, tiles
    both = predict_tiled(image, *known, OFFSETS)
    assert both.shape == (1 + len(OFFSETS), *image.shape)
    alone = predict_tiled(
        image, unet.sizes, [lambda seen: network(seen)[:2]], *known[2:]
    )
    np.testing.assert_array_equal(both[0], alone)


def test_affinities_are_sigmoids_of_the_further_channels():
    unet = make_network(**NETWORK, padding="same")
    network = torch_network(unet, torch.device("cpu"), "float32")
    image = np.random.default_rng(0).integers(0, 256, (16, 24), np.uint8)
    settings = SETTINGS | {"test_time_augmentation": "none"}
    found = predict_tiled(
        image, unet.sizes, [network] * 2, NORMALISATION, settings, [(0, 0)], OFFSETS
    )
    margin = 32  # of the canvas
    grey = (np.pad(image.astype(np.float32), margin, "reflect") - 120) / 40
    logits = network(grey)[2:, margin:-margin, margin:-margin]
    expected = 1 / (1 + np.exp(-logits))
    for channel, (_, rows, columns) in enumerate(OFFSETS):
        leaves = np.ones(image.shape, bool)
        for y, x in np.ndindex(image.shape):
            leaves[y, x] = not (0 <= y + rows < 16 and 0 <= x + columns < 24)
        expected[channel][leaves] = 0
    np.testing.assert_allclose(found[1:], expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_tiles_give_the_affinities_of_the_whole_slice(padding):
    unet = make_network(**NETWORK, padding=padding)
    network = torch_network(unet, torch.device("cpu"), "float32")
    image = np.random.default_rng(0).integers(0, 256, (50, 70), np.uint8)
    side, found = Sizes.of(unet_layers(**NETWORK, padding=padding)).least_tile(), []
    for tile in ((0, 0), (side, side + 8)):
        known = unet.sizes, [network], NORMALISATION, SETTINGS, [tile] * 8
        found.append(predict_tiled(image, *known, OFFSETS))
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)
