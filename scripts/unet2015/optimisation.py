"""Optimisers, learning-rate schedules and weight averaging."""

import copy

import torch
from torch import nn

from unet2015.errors import InputError


def make_optimiser(model: nn.Module, settings: dict) -> torch.optim.Optimizer:
    """Return the optimiser of the section `training` of the config.

    Parameters
    ----------
    model : nn.Module
        Whose parameters are optimised.
    settings : dict
        `optimiser` ("sgd" as in the paper, or "adamw"), `learning_rate`,
        `momentum`, `weight_decay` (on weights, not on biases or norms).

    Raises
    ------
    InputError
        If the optimiser is unknown.
    """
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": settings["weight_decay"]},
        {"params": others, "weight_decay": 0.0},
    ]
    rate = settings["learning_rate"]
    if settings["optimiser"] == "sgd":
        return torch.optim.SGD(groups, rate, settings["momentum"], fused=True)
    if settings["optimiser"] == "adamw":
        return torch.optim.AdamW(groups, rate, fused=True)
    raise InputError(
        f"optimiser is {settings['optimiser']!r}, expected 'sgd' or 'adamw'"
    )


def learning_rate(step: int, settings: dict) -> float:
    """Return the learning rate of a step.

    Parameters
    ----------
    step : int
        0-based.
    settings : dict
        `learning_rate` (the peak), `schedule` ("constant", or "linear" decay
        to zero), `steps`, `warmup` (fraction of the steps that rise linearly).

    Returns
    -------
    float
        0..`learning_rate`.
    """
    peak, steps = settings["learning_rate"], settings["steps"]
    rising = settings["warmup"] * steps
    if step < rising:
        return peak * (step + 1) / (rising + 1)
    if settings["schedule"] == "constant":
        return peak
    return peak * (steps - step) / (steps - rising)


class WeightAverage:
    """Exponential moving average of a model's weights and buffers.

    Parameters
    ----------
    model : nn.Module
        The model that is trained; the average begins as a copy.
    decay : float
        0 (no average: `model` itself, without a copy) .. 1. Early on,
        (1 + n) / (10 + n) is used if smaller, so that the random start is soon
        forgotten.
    """

    def __init__(self, model: nn.Module, decay: float):
        self.model = copy.deepcopy(model).eval() if decay > 0 else model
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move the average towards `model`."""
        if self.decay == 0:
            return
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        average, current = self.model.state_dict(), model.state_dict()
        for name, value in average.items():
            if value.is_floating_point():
                value.lerp_(current[name], 1 - decay)
            else:
                value.copy_(current[name])
