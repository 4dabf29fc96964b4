import copy

import pytest
import torch
from torch import nn

from unet2015.errors import InputError
from unet2015.network.unet import UNet
from unet2015.training.optimisers import WeightAverage, learning_rate, make_optimiser

SETTINGS = {
    "optimiser": "sgd",
    "learning_rate": 0.5,
    "momentum": 0.0,
    "weight_decay": 0.1,
    "schedule": "linear",
    "steps": 100,
    "warmup": 0.1,
    "precision": "float32",
}


@pytest.mark.parametrize(
    ("changes", "step", "expected"),
    [
        ({}, 0, 0.5 / 11),
        ({}, 9, 0.5 * 10 / 11),
        ({}, 10, 0.5),
        ({}, 55, 0.25),
        ({}, 99, 0.5 / 90),
        ({"warmup": 0.0}, 0, 0.5),
        ({"warmup": 0.0}, 99, 0.5 / 100),
        ({"schedule": "constant"}, 0, 0.5 / 11),
        ({"schedule": "constant"}, 10, 0.5),
        ({"schedule": "constant"}, 99, 0.5),
        ({"steps": 1, "warmup": 0.9}, 0, 0.5 / 1.9),
    ],
)
def test_learning_rate(changes, step, expected):
    rate = learning_rate(step, {**SETTINGS, **changes})
    assert rate == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 7, 250])
@pytest.mark.parametrize("warmup", [0.0, 0.05, 0.33, 0.9])
def test_learning_rate_rises_then_falls_within_its_bounds(steps, warmup):
    settings = {**SETTINGS, "steps": steps, "warmup": warmup}
    rates = [learning_rate(step, settings) for step in range(steps)]
    assert all(0 < rate <= 0.5 for rate in rates)
    top = rates.index(max(rates))
    assert rates == sorted(rates[:top]) + sorted(rates[top:], reverse=True)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw", "muon"])
def test_only_weights_decay(optimiser):
    torch.manual_seed(0)
    unet = UNet(width=2, depth=1, norm="batch")
    for parameter in unet.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    make_optimiser(unet, {**SETTINGS, "optimiser": optimiser}).step()
    for name, parameter in unet.named_parameters():
        decayed = parameter.ndim == 4
        expected = 1 - 0.5 * 0.1 if decayed else 1
        assert parameter.detach().unique().tolist() == pytest.approx([expected]), name


def test_sgd_has_momentum():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    settings = {**SETTINGS, "momentum": 0.9, "weight_decay": 0.0}
    optimiser = make_optimiser(layer, settings)
    places = []
    for _ in range(2):
        layer.weight.grad = torch.ones(1, 1)
        optimiser.step()
        places.append(layer.weight.item())
    assert places == pytest.approx([-0.5, -0.5 - 0.5 * 1.9])


def test_muon_takes_the_convolutions_between_the_first_and_the_last():
    unet = UNet(width=2, depth=2, norm="batch")
    muon, adamw = make_optimiser(unet, {**SETTINGS, "optimiser": "muon"}).optimisers
    taken = {id(p) for group in muon.param_groups for p in group["params"]}
    names = [name for name, p in unet.named_parameters() if id(p) in taken]
    weights = [name for name, p in unet.named_parameters() if p.ndim == 4]
    assert set(weights) - set(names) == {"contracting.0.0.weight", "head.weight"}
    assert set(names) < set(weights)
    left = {id(p) for group in adamw.param_groups for p in group["params"]}
    assert taken | left == {id(p) for p in unet.parameters()}
    assert not taken & left


def test_muon_goes_on_from_its_state():
    settings = {**SETTINGS, "optimiser": "muon", "momentum": 0.95}
    torch.manual_seed(0)
    first = UNet(width=2, depth=1).to(memory_format=torch.channels_last)
    gradients = [[torch.randn_like(p) for p in first.parameters()] for _ in range(4)]

    def steps(model, optimiser, taken):
        for step in taken:
            optimiser.zero_grad()
            for parameter, gradient in zip(
                model.parameters(), gradients[step], strict=True
            ):
                parameter.grad = gradient.clone()
            optimiser.step()

    optimiser = make_optimiser(first, settings)
    steps(first, optimiser, (0, 1))
    second = copy.deepcopy(first)
    other = make_optimiser(second, settings)
    other.load_state_dict(copy.deepcopy(optimiser.state_dict()))
    steps(first, optimiser, (2, 3))
    steps(second, other, (2, 3))
    for mine, its in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(mine, its)


def test_unknown_optimiser_is_refused():
    with pytest.raises(
        InputError, match="optimiser is 'lion', expected 'sgd', 'adamw' or 'muon'"
    ):
        make_optimiser(nn.Linear(1, 1), {**SETTINGS, "optimiser": "lion"})


def averaged(decay, values):
    """Return the average after each value that a weight takes."""
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    average = WeightAverage(layer, decay)
    for value in values:
        nn.init.constant_(layer.weight, value)
        average.update()
        yield average.model.weight.item()


@pytest.mark.parametrize(
    ("decay", "values", "expected"),
    [
        (0.0, [1, 5, 2], [1, 5, 2]),
        # decays 1/10, 2/11, 3/12 while these are smaller than 0.2
        (0.2, [1, 1, 0], [0.9, 0.9 * 2 / 11 + 9 / 11, 0.2 * (0.9 * 2 / 11 + 9 / 11)]),
    ],
)
def test_weight_average(decay, values, expected):
    assert list(averaged(decay, values)) == pytest.approx(expected)


def test_weight_average_of_a_resting_model_reaches_it():
    assert list(averaged(0.9, [3.0] * 200))[-1] == pytest.approx(3, rel=1e-5)


def test_weight_average_includes_the_statistics_of_normalisation():
    model = nn.Sequential(nn.BatchNorm2d(2))
    average = WeightAverage(model, 0.9)
    before = copy.deepcopy(model.state_dict())
    model(torch.randn(4, 2, 3, 3) + 7)
    average.update()  # by 1 - 1/10
    for name, value in model.state_dict().items():
        moved = torch.lerp(before[name], value, 0.9) if value.ndim else value
        assert torch.equal(average.model.state_dict()[name], moved), name
    assert not average.model.training
