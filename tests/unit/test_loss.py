import math

import pytest
import torch

from unet2015.training.loss import weighted_cross_entropy


def test_weighted_mean_of_minus_log_probability():
    # softmax of (0, log 3) is (1/4, 3/4)
    logits = torch.tensor([0, math.log(3)]).reshape(1, 2, 1, 1).expand(1, 2, 1, 2)
    labels = torch.tensor([[[1, 0]]])
    weights = torch.tensor([[[2.0, 5.0]]])
    expected = (2 * -math.log(3 / 4) + 5 * -math.log(1 / 4)) / 2
    loss = weighted_cross_entropy(logits, labels, weights)
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_undecided_logits_cost_log_2_times_the_mean_weight():
    weights = torch.rand(3, 5, 7)
    loss = weighted_cross_entropy(
        torch.zeros(3, 2, 5, 7), torch.randint(2, (3, 5, 7)), weights
    )
    assert loss.item() == pytest.approx(math.log(2) * weights.mean().item(), rel=1e-5)


def test_labels_and_weights_are_cropped_to_the_logits():
    torch.manual_seed(0)
    logits = torch.randn(2, 2, 4, 6)
    labels, weights = torch.randint(2, (2, 10, 12)), torch.rand(2, 10, 12)
    inside = (..., slice(3, 7), slice(3, 9))
    assert weighted_cross_entropy(logits, labels, weights) == weighted_cross_entropy(
        logits, labels[inside], weights[inside]
    )


def test_gradient_pulls_towards_the_labels():
    logits = torch.zeros(1, 2, 1, 1, requires_grad=True)
    weighted_cross_entropy(
        logits, torch.ones(1, 1, 1, dtype=torch.int64), torch.full((1, 1, 1), 3.0)
    ).backward()
    assert logits.grad.flatten().tolist() == pytest.approx([1.5, -1.5])


def test_half_precision_logits_are_summed_in_single_precision():
    logits = torch.full((1, 2, 300, 300), 0.1, dtype=torch.bfloat16)
    labels = torch.zeros(1, 300, 300, dtype=torch.int64)
    loss = weighted_cross_entropy(logits, labels, torch.ones(1, 300, 300))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(math.log(2), rel=1e-5)
