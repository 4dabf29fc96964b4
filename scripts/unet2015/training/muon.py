"""Muon: steps of equal size in all directions of a weight matrix.

The iteration runs on the products of rows, and of all weights with as many rows at
once. `torch.optim.Muon` runs it on the matrices themselves, one by one, always in
bfloat16, and takes no convolutions.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of x, x³ and x⁵ in the polynomial that moves singular values towards 1."""

ROUNDS = {torch.float32: (5,), torch.bfloat16: (2, 3)}
"""Iterations between two looks at the matrix itself, by the type of the products.

A product of rows that is only carried on collects rounding errors, and a negative
eigenvalue among them grows tenfold an iteration: in bfloat16 to a million in five, and
beyond what the next round bears in three.
"""

SCALE = 0.2
"""Root mean square of the entries of an update whose learning rate is 1.

As large as AdamW's, whose learning rates and weight decays can so be kept (Liu et al.
2025).
"""


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, for weights of convolutions.

    Parameters
    ----------
    parameters : iterable of Parameter, shape (rows, ...)
        Weights of two dimensions or more; those behind the first are one.
    rate : float
        Learning rate.
    momentum : float
        0..1, of Nesterov's kind.
    weight_decay : float
        Times the learning rate, taken off the weights before each step.
    dtype : torch.dtype
        Of the iteration: float32, or bfloat16 where the device computes in it.
        Weights and momentum stay as they are.

    Raises
    ------
    ValueError
        If there is no parameter, or one has fewer than two dimensions.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024,
    https://kellerjordan.github.io/posts/muon.

    Liu et al., "Muon is scalable for LLM training", 2025,
    https://arxiv.org/abs/2502.16982.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        rate: float,
        momentum: float,
        weight_decay: float,
        dtype: torch.dtype = torch.float32,
    ):
        self.dtype = dtype
        defaults = {"lr": rate, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(parameters, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.ndim < 2:
                    raise ValueError(
                        f"a parameter has shape {tuple(parameter.shape)}, expected two "
                        "dimensions or more; leave it to another optimiser"
                    )

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            weights = [each for each in group["params"] if each.grad is not None]
            if not weights:
                continue
            # With channels last these views are flattened without a copy.
            ahead = [m.movedim(1, -1) for m in self._ahead(weights, group["momentum"])]
            updates = orthogonalised([each.flatten(1) for each in ahead], self.dtype)
            torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
            for weight, view, update in zip(weights, ahead, updates, strict=True):
                size = SCALE * max(update.shape) ** 0.5
                update = update.reshape(view.shape).movedim(-1, 1)
                weight.add_(update, alpha=-group["lr"] * size)

    def _ahead(self, weights: list[Tensor], momentum: float) -> Sequence[Tensor]:
        """Return the gradients of weights with Nesterov's momentum."""
        for weight in weights:
            if not self.state[weight]:
                self.state[weight]["momentum"] = torch.zeros_like(weight)
        gradients = [weight.grad for weight in weights]
        averages = [self.state[weight]["momentum"] for weight in weights]
        torch._foreach_mul_(averages, momentum)
        torch._foreach_add_(averages, gradients)
        return torch._foreach_add(gradients, averages, alpha=momentum)


def orthogonalised(
    matrices: Sequence[Tensor], dtype: torch.dtype = torch.float32
) -> list[Tensor]:
    """Bring the singular values of matrices close to 1, by Newton-Schulz iterations.

    With A = X Xᵀ an iteration is X ← (a + b A + c A²) X. The polynomials of a round
    of iterations are multiplied first, in the smaller of the two dimensions,
    together for all matrices in which that is the same.

    Parameters
    ----------
    matrices : sequence of Tensor, float32, shape (rows, columns)
        Of any sizes.
    dtype : torch.dtype
        Of the products.

    Returns
    -------
    list of Tensor, `dtype`, shape (rows, columns)
        The same singular vectors. Singular values above 1/300 of the matrix's norm
        are now in 0.68..1.21 (in bfloat16 0.66..1.6); smaller ones have grown by
        up to 485 times.
    """
    wide = [_wide(each).to(dtype) for each in matrices]
    places_by_rows = defaultdict(list)
    for place, each in enumerate(wide):
        places_by_rows[len(each)].append(place)
    for number, iterations in enumerate(ROUNDS[dtype]):
        for places in places_by_rows.values():
            grams = torch.stack([wide[place] @ wide[place].T for place in places])
            norms = _norms(grams) if number == 0 else 1.0  # divided by once
            polynomials = _polynomials(grams / norms**2, iterations) / norms
            for place, polynomial in zip(places, polynomials, strict=True):
                wide[place] = polynomial @ wide[place]
    return [
        each if each.shape == matrix.shape else each.T
        for each, matrix in zip(wide, matrices, strict=True)
    ]


def _wide(matrix: Tensor) -> Tensor:
    """Return a matrix, or its transpose if it has more rows than columns."""
    return matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T


def _norms(grams: Tensor) -> Tensor:
    """Return the norms of the matrices whose products of rows are stacked."""
    return grams.diagonal(dim1=-2, dim2=-1).sum(-1).sqrt()[:, None, None] + 1e-7


def _polynomials(gram: Tensor, iterations: int) -> Tensor:
    """Return the product of the iterations' factors, for each matrix of a stack."""
    product = factor = _factor(gram)
    for _ in range(iterations - 1):
        gram = factor @ gram @ factor
        factor = _factor(gram)
        product = factor @ product
    return product


def _factor(gram: Tensor) -> Tensor:
    """Return the matrix that one iteration multiplies by, for each of a stack."""
    a, b, c = COEFFICIENTS
    factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
    factor.diagonal(dim1=-2, dim2=-1).add_(a)
    return factor
