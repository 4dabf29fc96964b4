"""Probability of cell interior for every pixel of a slice."""

from collections.abc import Callable

import numpy as np
import torch

from unet2015.device import autocast
from unet2015.geometry import Geometry
from unet2015.model import UNet
from unet2015.tiling import predict_logits
from unet2015.views import views

INTERIOR_CLASS = 1


def torch_network(
    unet: UNet, device: torch.device
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from grey values (height, width) to logits of `unet`."""
    unet = unet.to(device)

    def network(image: np.ndarray) -> np.ndarray:
        tensor = torch.from_numpy(np.ascontiguousarray(image))[None, None].to(device)
        with torch.inference_mode(), autocast(device):
            logits = unet(tensor.contiguous(memory_format=torch.channels_last))
        return logits[0].float().cpu().numpy()

    return network


def softmax_interior(logits: np.ndarray) -> np.ndarray:
    """Return the softmax probability of cell interior.

    Parameters
    ----------
    logits : ndarray, float32, shape (2, height, width)

    Returns
    -------
    ndarray, float32, shape (height, width)
        0..1.
    """
    margin = logits[1 - INTERIOR_CLASS] - logits[INTERIOR_CLASS]
    return 1 / (1 + np.exp(np.clip(margin, -80, 80)))


def predict_slice(
    image: np.ndarray,
    geometry: Geometry,
    network: Callable[[np.ndarray], np.ndarray],
    normalisation: dict,
    settings: dict,
) -> np.ndarray:
    """Predict one slice, averaged over its views.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
        Grey levels.
    geometry, network
        See :func:`unet2015.tiling.predict_logits`.
    normalisation : dict
        `mean` and `std` in grey levels.
    settings : dict
        The section `inference` of the config: `average`, `tile`, `border`.

    Returns
    -------
    ndarray, float32, shape (height, width)
        Probability of cell interior, 0..1: the mean over the views.
    """
    grey = (image.astype(np.float32) - normalisation["mean"]) / normalisation["std"]
    total = np.zeros(image.shape, dtype=np.float32)
    count = 0
    for forward, backward in views(settings["average"], image.shape):
        logits = predict_logits(
            forward(grey.astype(np.float32)),
            geometry,
            network,
            settings["tile"],
            settings["border"],
        )
        total += backward(softmax_interior(logits))
        count += 1
    return np.clip(total / count, 0, 1)
