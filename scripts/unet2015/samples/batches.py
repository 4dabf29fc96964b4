"""Batches of training samples as tensors, whatever the samples come from."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from unet2015.data.stacks import INTERIOR
from unet2015.samples.stored import AffinitySample, WeightedSample


class Source(Protocol):
    """Training samples by index, such as `CachedSamples` and `OnTheFlySamples`.

    Threads read samples at the same time, in any order.
    """

    side: int
    """Height and width of a sample, px."""

    channels: int
    """Slices that its image shows."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> WeightedSample | AffinitySample: ...


def read_batch(
    source: Source, step: int, batch: int, mean: float, std: float
) -> tuple[Tensor, ...]:
    """Return the batch of one training step.

    Parameters
    ----------
    source : Source
        Step t reads its samples batch·t .. batch·t + batch - 1, modulo their
        number.
    step, batch : int
        0-based step and samples a step.
    mean, std : float
        Normalisation, grey levels.

    Returns
    -------
    images : Tensor, float32, shape (batch, channels, side, side)
        Standardised grey values.
    labels : Tensor, int64, shape (batch, side, side)
        1 = cell interior, 0 = membrane.
    weights : Tensor, float32, shape (batch, side, side)
    affinities : Tensor, int8, shape (batch, offsets, side, side)
        The targets of affinities, if samples have any.
    """
    indices = ((step * batch + k) % len(source) for k in range(batch))
    samples = [source[index] for index in indices]
    images, labels, weights, *further = (
        np.stack(part) for part in zip(*samples, strict=True)
    )
    images = (images.astype(np.float32) - np.float32(mean)) / np.float32(std)
    images = images.reshape(*labels.shape, source.channels)
    return (
        torch.from_numpy(images).permute(0, 3, 1, 2),
        torch.from_numpy((labels == INTERIOR).astype(np.int64)),
        torch.from_numpy(weights.astype(np.float32)),
        *map(torch.from_numpy, further),
    )
