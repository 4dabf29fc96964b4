import numpy as np
import pytest
import torch
from network_sizes import sizes_of

from unet2015.inference.prediction import predict_tiled, softmax_interior, torch_network
from unet2015.inference.views import views
from unet2015.network.unet import UNet

PADDED = sizes_of(1, "same", 1)
NORMALISATION = {"mean": 100.0, "std": 40.0}


def predicted(image, sizes, network, average="none", tile=0):
    """Predict a slice with the same largest side for the tiles of each view."""
    settings = {"test_time_augmentation": average, "border": "mirror"}
    tiles = [(tile, tile) for _ in views(average, image.shape)]
    networks = network if isinstance(network, list) else [network]
    return predict_tiled(image, sizes, networks, NORMALISATION, settings, tiles)


def pixelwise(grey):
    """Stand for a network: logits ±grey, whose softmax is a sigmoid of 2·grey."""
    return np.stack([-grey, grey])


@pytest.mark.parametrize("average", ["none", "symmetries"])
@pytest.mark.parametrize("shape", [(32, 32), (21, 48)])
def test_slice_is_normalised_and_put_back_in_place(smooth, average, shape):
    image = smooth(shape).astype(np.uint8)
    expected = 1 / (1 + np.exp(-2 * (image.astype(float) - 100) / 40))
    probability = predicted(image, PADDED, pixelwise, average)
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability, expected, atol=1e-6)


def test_prediction_is_the_mean_over_the_views(smooth):
    image = smooth((24, 32)).astype(np.uint8)
    calls = []

    def counting(grey):
        calls.append(len(calls))
        return np.stack([np.zeros_like(grey), np.full_like(grey, 10 * calls[-1])])

    probability = predicted(image, PADDED, counting, "symmetries")
    assert len(calls) == 8
    np.testing.assert_allclose(
        probability, np.mean(1 / (1 + np.exp(-10.0 * np.arange(8)))), rtol=1e-6
    )


@pytest.mark.parametrize("average", ["none", "scales"])
def test_prediction_is_the_mean_over_networks(smooth, average):
    image = smooth((24, 32)).astype(np.uint8)
    networks = [pixelwise, lambda grey: np.stack([grey, -grey / 2]), pixelwise]
    each = [predicted(image, PADDED, network, average) for network in networks]
    together = predicted(image, PADDED, networks, average)
    assert np.ptp(each[0] - each[1]) > 0.1
    np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-6)


def test_softmax_is_that_of_torch_and_does_not_overflow():
    logits = np.array(
        [[[0, 3, -2, 1e4, -1e4, 50]], [[0, 1, 4, -1e4, 1e4, -50]]], dtype=np.float32
    )
    expected = torch.from_numpy(logits).softmax(0)[1].numpy()
    np.testing.assert_allclose(softmax_interior(logits), expected, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("average", ["none", "symmetries", "scales", "rotations"])
def test_tiles_do_not_change_the_probabilities(smooth, padding, average):
    torch.manual_seed(0)
    unet = UNet(width=2, depth=2, padding=padding).eval()
    network = torch_network(unet, torch.device("cpu"), "float32")
    image = smooth((45, 70)).astype(np.uint8)
    whole, tiled = (
        predicted(image, unet.sizes, network, average, tile)
        for tile in (0, unet.sizes.least_tile() + 20)
    )
    assert whole.shape == image.shape
    assert whole.min() >= 0 <= whole.max() <= 1
    np.testing.assert_allclose(tiled, whole, atol=1e-5)
