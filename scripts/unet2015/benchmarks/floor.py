"""Work that cannot be avoided: how fast the machine can multiply and add."""

import torch

from unet2015.benchmarks.timing import Contender

SIDE = 2048
"""Rows and columns of the matrices whose product is timed: larger than any cache."""


def matrix_product(
    count: float, side: int = SIDE, precision: str = "float32"
) -> Contender:
    """Return the floor of a task: its operations at the rate of a matrix product.

    Parameters
    ----------
    count : float
        Operations of one unit of the task.
    side : int
        Rows and columns of the matrices.
    precision : str
        Of their numbers, a dtype of torch.

    Returns
    -------
    Contender
        Its ratio is the fraction of that rate which ours reaches.
    """
    a, b, product = torch.ones(3, side, side, dtype=getattr(torch, precision))
    return Contender(
        f"its operations at the rate of a matrix product, {precision}",
        "floor",
        lambda: torch.mm(a, b, out=product),
        units=2 * side**3 / count,
    )
