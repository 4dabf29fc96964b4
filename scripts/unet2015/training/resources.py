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
from collections.abc import Mapping

from unet2015.network.flops import BACKWARD, operations
from unet2015.network.layers import Layers, Step, unet_layers, walk
from unet2015.network.memory import VALUE, weight_bytes

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


KEPT = {"conv": 1, "norm": 1, "dropout": 2, "pool": 3, "upconv": 1, "shuffle": 5}
"""Copies of its output that a layer keeps for the backward pass.

The ReLU writes over its input; dropout keeps a mask, pooling 64-bit positions; with
the last rearrangement the loss is counted.
"""


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
        MB (10⁶ bytes), a multiple of 100.
    """
    layers = unet_layers(**network, in_channels=channels)
    states = 1 if training["optimiser"] == "sgd" else 2
    copies = 3 + states + (training["weight_average"] > 0)
    step = step_bytes(layers, side, training["batch"])
    needed = PROGRAM + copies * weight_bytes(layers) + SAFETY * step
    return 100 * math.ceil(needed / 1e8)


def minutes(
    network: Mapping, training: Mapping, side: int, channels: int, gpu: bool
) -> int:
    """Return the time that a training asks for, minutes.

    Parameters
    ----------
    network, training, side, channels
        See :func:`memory_mb`.
    gpu : bool
        Whether a GPU is reserved.
    """
    layers = unet_layers(**network, in_channels=channels)
    samples = training["steps"] * training["batch"]
    count = samples * step_operations(layers, side)
    return START + math.ceil(count / (GPU_RATE if gpu else CPU_RATE) / 60)


def step_bytes(layers: Layers, side: int, batch: int) -> int:
    """Return a bound on the bytes of the feature maps of one training step.

    Parameters
    ----------
    layers : tuple of Layer
        Of the network.
    side : int
        Height and width of a sample, pixels; the network must be able to map it.
    batch : int
        Samples of a pass.
    """
    steps = walk(layers, side, side)
    largest = max(
        max(step.layer.inputs, step.layer.outputs) * step.output.pixels
        for step in steps
        if step.layer.operation in ("conv", "upconv")
    )
    return VALUE * batch * (sum(map(_kept, steps)) + 2 * largest)


def step_operations(layers: Layers, side: int) -> int:
    """Return the operations of a training step with one sample of side `side`."""
    return (1 + BACKWARD) * operations(layers, side, side)


def _kept(step: Step) -> int:
    """Return the values that a layer keeps for the backward pass."""
    if step.layer.operation == "unshuffle":
        return step.input.values + step.output.values
    if step.layer.operation == "concat":  # its input is needed no more
        return step.output.values - step.input.values
    return KEPT.get(step.layer.operation, 0) * step.output.values
