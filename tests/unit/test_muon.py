import pytest
import torch
from torch import nn

from unet2015.training import muon
from unet2015.training.muon import COEFFICIENTS, ROUNDS, Muon

SHAPES = [(7, 20), (20, 7), (16, 16), (1, 5), (64, 576)]


def orthogonalised(matrix, dtype=torch.float32):
    (update,) = muon.orthogonalised([matrix], dtype)
    return update


def iterated(matrix):
    """The iteration as published, on the matrix itself, in double precision."""
    a, b, c = COEFFICIENTS
    x = matrix.double()
    x = x / x.norm()
    for _ in range(sum(ROUNDS[torch.float32])):
        rows = x @ x.T
        x = a * x + (b * rows + c * rows @ rows) @ x
    return x


def drawn(shape, smallest=1.0):
    """A matrix whose columns are of sizes 1 to `smallest`."""
    generator = torch.Generator().manual_seed(sum(shape))
    scales = torch.logspace(0, torch.tensor(smallest).log10(), shape[1])
    return torch.randn(shape, generator=generator) * scales


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("smallest", [1.0, 1e-2, 1e-4])
def test_is_the_published_iteration(shape, smallest):
    matrix = drawn(shape, smallest)
    expected = iterated(matrix)
    for size in (1e-6, 1.0, 1e6):
        error = (orthogonalised(matrix * size) - expected).norm() / expected.norm()
        assert error < (2e-3 if size >= 1 else 0.1)


@pytest.mark.parametrize("shape", SHAPES)
def test_large_singular_values_come_close_to_1(shape):
    matrix = drawn(shape, 0.1)
    before = torch.linalg.svdvals(matrix) / matrix.norm()
    after = torch.linalg.svdvals(orthogonalised(matrix))
    count = int((before > 1 / 300).sum())
    assert after[:count].min() > 0.68 and after[:count].max() < 1.21


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("smallest", [1.0, 0.1, 1e-2])
def test_bfloat16_is_as_close_to_1(shape, smallest):
    matrix = drawn(shape, smallest)
    update = orthogonalised(matrix, torch.bfloat16)
    assert update.dtype == torch.bfloat16
    before = torch.linalg.svdvals(matrix) / matrix.norm()
    after = torch.linalg.svdvals(update.float())
    count = int((before > 1 / 100).sum())
    assert after[:count].min() > 0.65 and after.max() < 1.6


def test_matrices_of_many_sizes_do_not_mix():
    matrices = [drawn(shape) for shape in [*SHAPES, *SHAPES[::-1], (7, 9), (9, 7)]]
    together = muon.orthogonalised(matrices)
    for matrix, update in zip(matrices, together, strict=True):
        torch.testing.assert_close(update, orthogonalised(matrix))


def test_singular_vectors_stay():
    matrix = drawn((5, 9))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    inner = left.T @ orthogonalised(matrix) @ right.T
    assert (inner - inner.diag().diag()).abs().max() < 1e-4


@pytest.mark.parametrize("shape", [(3, 4), (4, 3)])
def test_no_gradient_no_update(shape):
    assert torch.equal(orthogonalised(torch.zeros(shape)), torch.zeros(shape))


def moved(weight, gradients, **changes):
    """Return the weight after a step with each gradient."""
    weight = nn.Parameter(weight.clone())
    settings = {"rate": 0.1, "momentum": 0.5, "weight_decay": 0.0, **changes}
    optimiser = Muon([weight], **settings)
    for gradient in gradients:
        weight.grad = gradient
        optimiser.step()
    return weight.detach()


def test_size_of_a_step_depends_on_the_learning_rate_alone():
    weight, gradient = torch.zeros(8, 4, 3, 3), drawn((8, 36)).view(8, 4, 3, 3)
    for size in (1e-3, 1.0, 1e3):
        step = moved(weight, [size * gradient])
        assert step.square().mean().sqrt() == pytest.approx(0.1 * 0.2, rel=0.25)
        assert (step * gradient).sum() < 0


def test_momentum_looks_ahead():
    first, second = drawn((4, 6)), drawn((4, 7))[:, :6]
    weight = moved(torch.zeros(4, 6), [first, second])
    scale = 0.1 * 0.2 * 6**0.5
    # average 0.5 g1 + g2, and half of it again beside the gradient
    expected = orthogonalised(1.5 * first)
    expected = expected + orthogonalised(0.25 * first + 1.5 * second)
    torch.testing.assert_close(weight, -scale * expected)


def test_weights_decay_apart_from_the_step():
    weight, gradient = drawn((4, 6)), drawn((6, 4)).T
    decayed = moved(weight, [gradient], weight_decay=0.5)
    free = moved(torch.zeros(4, 6), [gradient])
    torch.testing.assert_close(decayed, 0.95 * weight + free)


def test_memory_format_makes_no_difference():
    weight, gradient = drawn((8, 36)).view(8, 4, 3, 3), drawn((8, 37))[:, :36]
    gradient = gradient.reshape(8, 4, 3, 3)
    last = {"memory_format": torch.channels_last}
    torch.testing.assert_close(
        moved(weight.to(**last), [gradient.to(**last)]), moved(weight, [gradient])
    )


def test_weight_without_gradient_stays():
    weight = nn.Parameter(torch.ones(3, 3))
    Muon([weight], 0.1, 0.9, 0.5).step()
    assert torch.equal(weight, torch.ones(3, 3))


def test_vector_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\), expected two dimensions"):
        Muon([nn.Parameter(torch.ones(3))], 0.1, 0.9, 0.0)


def test_minimises():
    torch.manual_seed(0)
    target, weight = torch.randn(6, 10), nn.Parameter(torch.zeros(6, 10))
    optimiser = Muon([weight], 0.1, 0.9, 0.0)
    for step in range(300):
        optimiser.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimiser.zero_grad()
        (weight - target).square().sum().backward()
        optimiser.step()
    assert (weight - target).abs().max() < 0.02
