"""Whether labels lie on their volume pixel by pixel."""

from collections.abc import Sequence

from unet2015.errors import InputError


def check_shapes(
    volume: str, shape: Sequence[int], labels: str, other: Sequence[int]
) -> None:
    """Refuse labels that do not lie on their volume pixel by pixel.

    Parameters
    ----------
    volume, labels : str
        What the message calls them.
    shape, other : sequence of int
        Slices, height and width of each.

    Raises
    ------
    InputError
        If they differ.
    """
    if tuple(shape) == tuple(other):
        return
    surplus, cure = shape[0] - other[0], "crop or scale one to the other"
    if surplus:
        shorter = (labels if surplus > 0 else volume).split(" ")[0]
        cure = f"{shorter} lacks {abs(surplus)} slice(s): export it again"
    raise InputError(
        f"{volume} has shape {tuple(shape)} and {labels} has shape {tuple(other)}, "
        f"expected the same; {cure}"
    )
