import numpy as np
import pytest

from unet2015.inference.prediction import predict_tiled
from unet2015.inference.tile_choice import choose_tiles, count_tiles, slice_bytes
from unet2015.network.layers import unet_layers
from unet2015.network.memory import GB, needed_bytes, weight_bytes
from unet2015.network.sizes import Sizes

NETWORK = unet_layers(width=16, depth=2, padding="same")
NORMALISATION = {"mean": 0.0, "std": 1.0}


def settings(average, memory=4, tile=0):
    return {
        "test_time_augmentation": average,
        "memory": memory,
        "tile": tile,
        "border": "mirror",
        "precision": "float32",
    }


@pytest.mark.parametrize(("average", "expected"), [("none", 17), ("symmetries", 17)])
def test_bytes_of_a_slice(average, expected):
    assert slice_bytes((300, 400), average) == 300 * 400 * expected


def test_bytes_of_a_slice_with_neighbours():
    found = slice_bytes((300, 400), "none", channels=3)
    assert found == 300 * 400 * (3 + 3 + 4 * (3 + 1 + 1 + 1))


def test_bytes_of_a_slice_with_affinities():
    found = slice_bytes((300, 400), "none", affinities=14)
    assert found == 300 * 400 * (17 + 14 * 4 * 3)


def test_bytes_of_a_rotated_slice():
    assert slice_bytes((300, 400), "rotations") == 300 * 400 * 17 + 500 * 500 * 8


def test_bytes_of_a_resized_slice():
    assert slice_bytes((400, 800), "scales") == 400 * 800 * 17 + 500 * 1000 * 8


def test_turned_views_have_turned_tiles():
    tiles = choose_tiles((100, 900), NETWORK, settings("symmetries", 0.28))
    assert tiles[0] != tiles[0][::-1]
    assert tiles == [tiles[0], tiles[0][::-1]] * 4


def test_slice_counts_towards_the_bound():
    shape = (3000, 3000)
    beside = slice_bytes(shape, "none")
    (tile,) = choose_tiles(shape, NETWORK, settings("none", 0.5))
    assert needed_bytes(NETWORK, *tile) + beside <= 0.5 * GB
    assert needed_bytes(NETWORK, *tile) > 0.3 * GB


def test_weights_of_further_networks_count_towards_the_bound():
    bound = settings("none", 0.5)
    (alone,) = choose_tiles((3000, 3000), NETWORK, bound)
    (tile,) = choose_tiles((3000, 3000), NETWORK, bound, networks=100)
    beside = slice_bytes((3000, 3000), "none") + 99 * weight_bytes(NETWORK)
    assert needed_bytes(NETWORK, *alone, beside) > 0.5 * GB
    assert 0.3 * GB < needed_bytes(NETWORK, *tile, beside) <= 0.5 * GB


@pytest.mark.parametrize("average", ["none", "symmetries", "scales", "rotations"])
@pytest.mark.parametrize("tile", [0, 96])
def test_count_is_how_often_the_network_runs(average, tile):
    calls = []

    def network(grey):
        calls.append(grey.shape)
        return np.zeros((2, *grey.shape), dtype=np.float32)

    chosen = settings(average, tile=tile)
    shape, sizes = (150, 70), Sizes.of(NETWORK)
    tiles = choose_tiles(shape, NETWORK, chosen)
    image = np.zeros(shape, dtype=np.uint8)
    predict_tiled(image, sizes, [network], NORMALISATION, chosen, tiles)
    assert count_tiles(shape, sizes, chosen, tiles) == len(calls)
    assert (len(calls) > len(tiles)) == (tile > 0)
