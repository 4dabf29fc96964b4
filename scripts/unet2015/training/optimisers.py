"""Optimisers, learning-rate schedules and weight averaging."""

import copy

import torch
from torch import nn

from unet2015.errors import InputError
from unet2015.training.muon import Muon


class Together:
    """Several optimisers, each of some of the parameters, used as one.

    Parameters
    ----------
    optimisers : torch.optim.Optimizer
        Those that step, in this order.
    """

    def __init__(self, *optimisers: torch.optim.Optimizer):
        self.optimisers = optimisers

    @property
    def param_groups(self) -> list[dict]:
        """The groups of all optimisers."""
        return [group for each in self.optimisers for group in each.param_groups]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for each in self.optimisers:
            each.zero_grad(set_to_none=set_to_none)

    def step(self) -> None:
        """Take one step with each optimiser."""
        for each in self.optimisers:
            each.step()

    def state_dict(self) -> dict:
        """Return the states of all optimisers."""
        return {"optimisers": [each.state_dict() for each in self.optimisers]}

    def load_state_dict(self, state: dict) -> None:
        """Take the states that `state_dict` returned."""
        for each, its in zip(self.optimisers, state["optimisers"], strict=True):
            each.load_state_dict(its)


def make_optimiser(
    model: nn.Module, settings: dict
) -> torch.optim.Optimizer | Together:
    """Return the optimiser of the section `training` of the config.

    Parameters
    ----------
    model : nn.Module
        Whose parameters are optimised.
    settings : dict
        `optimiser` ("sgd" as in the paper, "adamw", or "muon": for all
        convolutions but the first and the last, which AdamW takes with the
        rest), `learning_rate`, `momentum`, `weight_decay` (on weights, not on
        biases or norms), `precision` ("float32" or "bfloat16", of muon's products).

    Raises
    ------
    InputError
        If the optimiser is unknown.
    """
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]  # biases and norms
    groups = [
        {"params": decayed, "weight_decay": settings["weight_decay"]},
        {"params": others, "weight_decay": 0.0},
    ]
    rate = settings["learning_rate"]
    if settings["optimiser"] == "sgd":
        return torch.optim.SGD(groups, rate, settings["momentum"], fused=True)
    if settings["optimiser"] == "adamw":
        return torch.optim.AdamW(groups, rate, fused=True)
    if settings["optimiser"] == "muon":
        groups[0]["params"] = [decayed[0], decayed[-1]]
        muon = Muon(
            decayed[1:-1],
            rate,
            settings["momentum"],
            settings["weight_decay"],
            getattr(torch, settings["precision"]),
        )
        return Together(muon, torch.optim.AdamW(groups, rate, fused=True))
    raise InputError(
        f"optimiser is {settings['optimiser']!r}, expected 'sgd', 'adamw' or 'muon'"
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
        self._tensors = [
            list(each.state_dict().values()) for each in (self.model, model)
        ]

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the model as it is now."""
        if self.decay == 0:
            return
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        average, current = (
            [each for each in tensors if each.is_floating_point()]
            for tensors in self._tensors
        )
        torch._foreach_lerp_(average, current, 1 - decay)
        for value, counted in zip(*self._tensors, strict=True):
            if not value.is_floating_point():
                value.copy_(counted)
