import math

import pytest
import torch

from unet2015.training.affinity_loss import affinity_loss


def slow_loss(logits, targets, cross_entropy, dice):
    """The formulas, pair by pair, of logits and targets of one size."""
    entropy, pairs, dices = 0.0, 0, []
    for channel in range(logits.shape[1]):
        overlap = total = 0.0
        values, truths = (part[:, channel].flatten() for part in (logits, targets))
        for logit, same in zip(values.tolist(), truths.tolist(), strict=True):
            if same == -1:
                continue
            p = 1 / (1 + math.exp(-logit))
            entropy -= math.log(p if same else 1 - p)
            pairs += 1
            overlap += (1 - p) * (1 - same)
            total += (1 - p) ** 2 + (1 - same) ** 2
        dices.append(1 - (2 * overlap + 1) / (total + 1))
    return cross_entropy * entropy / pairs + dice * sum(dices) / len(dices)


@pytest.fixture
def pairs():
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(2, 3, 4, 5, generator=generator)
    targets = torch.randint(-1, 2, (2, 3, 4, 5), generator=generator, dtype=torch.int8)
    targets[:, 2] = torch.where(targets[:, 2] == 0, 1, targets[:, 2])  # none apart
    return logits, targets


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (1.0, 0.5), (2.0, 3.0)])
def test_loss_is_that_of_the_formulas(pairs, weights):
    found = affinity_loss(*pairs, *weights)
    assert found.item() == pytest.approx(slow_loss(*pairs, *weights), rel=1e-5)


def test_pairs_that_take_no_part_have_no_gradient(pairs):
    logits, targets = pairs[0].requires_grad_(), pairs[1]
    affinity_loss(logits, targets, 1.0, 0.5).backward()
    assert torch.equal(logits.grad != 0, targets >= 0)


def test_without_pairs_there_is_no_loss():
    logits = torch.randn(1, 2, 3, 3, requires_grad=True)
    loss = affinity_loss(logits, torch.full((1, 2, 3, 3), -1), 1.0, 0.5)
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


def test_targets_are_cropped_to_the_logits(pairs):
    logits, targets = pairs
    around = torch.nn.functional.pad(targets, (2, 2, 1, 1), value=1)
    assert affinity_loss(logits, around, 1, 1) == affinity_loss(logits, targets, 1, 1)


def test_half_precision_logits_are_summed_in_single_precision():
    logits = torch.full((1, 1, 300, 300), 0.5, dtype=torch.bfloat16)
    loss = affinity_loss(logits, torch.ones(1, 1, 300, 300, dtype=torch.int8), 1.0, 0.0)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-0.5)), rel=1e-5)
