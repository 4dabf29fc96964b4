"""Probability of cell interior for every pixel of a slice, and affinities."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.special import expit

from unet2015.data.adjacent_slices import network_input
from unet2015.inference.affinity_average import AffinitySums
from unet2015.inference.tiling import Network, predict_blocks
from unet2015.inference.views import View, views
from unet2015.network.allocator import give_back
from unet2015.network.device import autocast
from unet2015.network.folding import folded
from unet2015.network.sizes import Sizes
from unet2015.network.unet import UNet

INTERIOR_CLASS = 1


def torch_network(unet: UNet, device: torch.device, precision: str) -> Network:
    """Return a function from grey values (height, width[, channels]) to logits.

    Parameters
    ----------
    unet : UNet
        In evaluation mode.
    device : torch.device
        Where it computes.
    precision : {"float32", "bfloat16"}
        Of the convolutions; see :func:`unet2015.network.device.choose_precision`.
    """
    unet = folded(unet).to(device)

    def network(image: np.ndarray) -> np.ndarray:
        tensor = torch.from_numpy(network_input(image)).to(device)
        with torch.inference_mode(), autocast(device, precision):
            logits = unet(tensor.contiguous(memory_format=torch.channels_last))
        return logits[0].float().cpu().numpy()

    return network


def softmax_interior(logits: np.ndarray) -> np.ndarray:
    """Return the softmax probability of cell interior.

    Parameters
    ----------
    logits : ndarray, float32, shape (2 or more, height, width)
        Those of the two classes come first.

    Returns
    -------
    ndarray, float32, shape (height, width)
        0..1.
    """
    x = logits[1 - INTERIOR_CLASS] - logits[INTERIOR_CLASS]
    np.exp(np.clip(x, -80, 80, out=x), out=x)  # float32 overflows at 89
    x += 1
    return np.reciprocal(x, out=x)


def predict_tiled(
    image: np.ndarray,
    sizes: Sizes,
    networks: Sequence[Network],
    normalisation: dict,
    settings: dict,
    tiles: Sequence[tuple[int, int]],
    offsets: Sequence[Sequence[int]] = (),
) -> np.ndarray:
    """Predict one slice, averaged over its views and over networks.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width) or (height, width, channels)
        Grey levels.
    sizes : Sizes
        Of each network.
    networks : sequence of Network
        At least one, see :func:`unet2015.inference.tiling.predict_blocks`.
    normalisation : dict
        `mean` and `std` in grey levels.
    settings : dict
        The section `inference` of the config: `test_time_augmentation`, `border`.
    tiles : sequence of tuple of int
        Of :func:`unet2015.inference.tile_choice.choose_tiles`, one a view.
    offsets : sequence of three int each
        (slices, rows, columns), pixels, of the networks' affinities, all of them in
        their order; none if they are not asked for.

    Returns
    -------
    ndarray, float32, shape (1 + offsets, height, width), or (height, width) without
        Probability of cell interior, 0..1: the mean over views and networks; then the
        affinities, see :class:`unet2015.inference.affinity_average.AffinitySums`.
    """
    grey = image.astype(np.float32)
    grey -= normalisation["mean"]
    grey /= normalisation["std"]
    total = np.zeros((1 + len(offsets), *image.shape[:2]), dtype=np.float32)
    interior, affinities = total[0], AffinitySums(total[1:], offsets)
    seen = views(settings["test_time_augmentation"], interior.shape)
    for view, tile in zip(seen, tiles, strict=True):
        wanted = len(offsets) if view.turn else 0
        found = _predict_view(
            grey, view, sizes, networks, tile, settings["border"], wanted
        )
        interior += view.backward(found[0])
        if wanted:
            affinities.add(view, found[1:])
    interior /= len(tiles) * len(networks)
    np.clip(interior, 0, 1, out=interior)
    affinities.average(len(networks))
    return total if offsets else interior


def _predict_view(
    grey: np.ndarray,
    view: View,
    sizes: Sizes,
    networks: Sequence[Network],
    tile: tuple[int, int],
    border: str,
    affinities: int,
) -> np.ndarray:
    """Return the sums of the probabilities that networks give, seeing one view.

    Shape (1 + affinities, view height, view width): of cell interior, then affinities.
    """
    seen = view.forward(grey)
    total = np.zeros((1 + affinities, *view.shape), dtype=np.float32)
    for network in networks:
        for rows, columns, logits in predict_blocks(seen, sizes, network, tile, border):
            part = total[:, rows, columns]
            part[0] += softmax_interior(logits)
            part[1:] += expit(logits[len(logits) - affinities :])
            if part.shape != total.shape:
                give_back()  # the next tile may be of another size
    return total
