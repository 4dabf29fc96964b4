"""Batches of training samples as tensors."""

import numpy as np
import torch
from torch import Tensor

from unet2015.samples import Samples
from unet2015.stacks import INTERIOR


def read_batch(
    samples: Samples, step: int, batch: int, mean: float, std: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the batch of one training step.

    Parameters
    ----------
    samples : Samples
        See the module.
    step, batch : int
        0-based step and samples a step.
    mean, std : float
        Normalisation, grey levels.

    Returns
    -------
    images : Tensor, float32, shape (batch, 1, side, side)
        Standardised grey values.
    labels : Tensor, int64, shape (batch, side, side)
        1 = cell interior, 0 = membrane.
    weights : Tensor, float32, shape (batch, side, side)
    """
    indices = (step * batch + np.arange(batch)) % len(samples.images)
    images = (samples.images[indices].astype(np.float32) - mean) / std
    labels = (samples.labels[indices] == INTERIOR).astype(np.int64)
    weights = samples.weights[indices].astype(np.float32)
    return (
        torch.from_numpy(images.astype(np.float32, copy=False))[:, None],
        torch.from_numpy(labels),
        torch.from_numpy(weights),
    )
