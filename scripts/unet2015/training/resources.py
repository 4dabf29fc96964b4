"""Memory and time that a training asks a cluster for: arithmetic without torch.

Memory: the feature maps that a step keeps for its backward pass are counted layer
by layer; the gradients on the way back are bounded by twice the largest of
them. To this come the weights, once each for the model, its gradient, its average,
the states of the optimiser and the checkpoint, and what program and libraries take.

Time: the operations of all steps at a slow machine's rate, `CPU_RATE` or `GPU_RATE`,
both well below what was measured: two cores of a Xeon did 0.17 TFLOP/s; the
paper's GPU did 30,000 steps of 1.0 TFLOP in 10 hours, that is 0.8 TFLOP/s.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unet2015.network.memory import VALUE, Footprint

PROGRAM = 2_000_000_000
"""Bytes of the interpreter, torch, batches that are read ahead, and workspaces."""

SAFETY = 1.2
"""Factor on the modelled bytes of a step."""

CPU_RATE = 0.5e11
"""Operations per second, two cores: a third of what was measured."""

GPU_RATE = 4e11
"""Operations per second, a GPU: half of what the paper's did in 2015."""

START = 30
"""Minutes for the start and for a file system that is slow."""


@dataclass(frozen=True)
class Layer:
    """A convolution and what it leaves for the backward pass.

    Parameters
    ----------
    operations : int
        Multiplications and additions of the forward pass.
    kept : int
        Values of feature maps that stay until the backward pass.
    largest : int
        Values of the larger of its input and output.
    """

    operations: int
    kept: int
    largest: int


def memory_mb(network: Mapping, training: Mapping, side: int, channels: int) -> int:
    """Return the memory that a training asks for.

    Parameters
    ----------
    network, training : mapping
        Settings of the sections of that name of the config.
    side : int
        Height and width of a sample, pixels.
    channels : int
        Slices that the network sees at once.

    Returns
    -------
    int
        MB, a multiple of 100.
    """
    footprint = Footprint.of({**network, "in_channels": channels})
    states = 1 if training["optimiser"] == "sgd" else 2
    copies = 3 + states + (training["weight_average"] > 0)
    step = step_bytes(footprint, side, training["batch"], network["dropout"] > 0)
    needed = PROGRAM + copies * footprint.weight_bytes() + SAFETY * step
    return 100 * math.ceil(needed / 1e8)


def minutes(
    network: Mapping, training: Mapping, side: int, channels: int, gpu: bool
) -> int:
    """Return the time that a training asks for, minutes.

    Parameters
    ----------
    network, training, side, channels
        As of :func:`memory_mb`.
    gpu : bool
        Whether a GPU is reserved.
    """
    footprint = Footprint.of({**network, "in_channels": channels})
    samples = training["steps"] * training["batch"]
    operations = samples * step_operations(footprint, side)
    return START + math.ceil(operations / (GPU_RATE if gpu else CPU_RATE) / 60)


def step_bytes(footprint: Footprint, side: int, batch: int, dropout: bool) -> int:
    """Return a bound on the bytes of the feature maps of one training step.

    Parameters
    ----------
    footprint : Footprint
        Of the network.
    side : int
        Height and width of a sample, pixels; the network must be able to map it.
    batch : int
        Samples of a pass.
    dropout : bool
        Whether values are dropped, which keeps a copy and a mask.
    """
    layers = list(_layers(footprint, side, dropout))
    largest = max(layer.largest for layer in layers)
    return VALUE * batch * (sum(layer.kept for layer in layers) + 2 * largest)


def step_operations(footprint: Footprint, side: int) -> int:
    """Return the operations of a training step with one sample.

    The backward pass takes twice as many as the forward pass: gradients of the
    maps and of the weights.
    """
    return 3 * sum(layer.operations for layer in _layers(footprint, side, False))


def _layers(footprint: Footprint, side: int, dropout: bool) -> Iterator[Layer]:
    """Give the convolutions in the order of the forward pass."""
    inputs, depth = footprint.in_channels * footprint.space_to_depth**2, footprint.depth
    side //= footprint.space_to_depth
    yield Layer(0, 2 * inputs * side**2, 0)  # the image, rearranged
    for level in range(depth + 1):
        channels = footprint.channels(level)
        yield from _double_conv(footprint, inputs, channels, side)
        inputs, side = channels, side - 2 * footprint.lost
        if dropout and level >= depth - 1:
            yield Layer(0, 2 * channels * side**2, 0)
        if level < depth:
            side //= 2
            yield Layer(0, 3 * channels * side**2, 0)  # pooled, 64-bit positions
    for level in reversed(range(depth)):
        channels, joined = footprint.channels(level), footprint.joined(level)
        yield _convolution(2 * channels, channels, 1, 2 * side, joined)
        side *= 2
        yield from _double_conv(footprint, joined, channels, side)
        side -= 2 * footprint.lost
    classes = footprint.classes * footprint.space_to_depth**2
    yield _convolution(footprint.width, classes, 1, side, 6 * classes)  # and the loss


def _double_conv(
    footprint: Footprint, inputs: int, channels: int, side: int
) -> Iterator[Layer]:
    """Give two 3x3 convolutions; the ReLU keeps nothing, normalisation a copy."""
    lost = footprint.lost
    kept = channels * (2 if footprint.norm == "batch" else 1)
    yield _convolution(inputs, channels, 9, side - lost, kept)
    yield _convolution(channels, channels, 9, side - 2 * lost, kept)


def _convolution(inputs: int, outputs: int, taps: int, side: int, kept: int) -> Layer:
    """Return a layer by the channels it reads, writes and keeps, and its output."""
    pixels = side**2
    largest = max(inputs, outputs) * pixels
    return Layer(2 * taps * inputs * outputs * pixels, kept * pixels, largest)
