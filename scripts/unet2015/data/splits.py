"""Which slices are trained on and which are scored.

Neighbouring slices show the same cells, so cross-validation holds out
contiguous blocks of slices.
"""

from pathlib import Path

from unet2015.errors import InputError
from unet2015.settings import read_json


def split(name: str, train_slices: int, test_slices: int, folds: int) -> dict:
    """Return the slices of a split.

    Parameters
    ----------
    name : str
        "test" (train on the training stack, score the test stack), or
        "fold0", "fold1", ...: hold out one contiguous block of the training
        stack.
    train_slices, test_slices : int
        Slices of the two stacks.
    folds : int
        Blocks that the training stack is cut into.

    Returns
    -------
    dict
        `train` and `score`, each with `stack` ("train" or "test") and
        `slices`, a list of 0-based indices.

    Raises
    ------
    InputError
        If there is no such split, or too few slices or folds.
    """
    everything = list(range(train_slices))
    if name == "test":
        scored = {"stack": "test", "slices": list(range(test_slices))}
        return {"train": {"stack": "train", "slices": everything}, "score": scored}
    known = [f"fold{number}" for number in range(folds)]
    if name not in known or not 2 <= folds <= train_slices:
        raise InputError(
            f"split {name} with {folds} folds of {train_slices} slices is impossible; "
            f"choose test or fold0..fold{folds - 1}, and 2 to {train_slices} folds"
        )
    fold = known.index(name)
    start, stop = (train_slices * k // folds for k in (fold, fold + 1))
    kept = everything[:start] + everything[stop:]
    return {
        "train": {"stack": "train", "slices": kept},
        "score": {"stack": "train", "slices": everything[start:stop]},
    }


def thinned(slices: list[int], count: int) -> list[int]:
    """Return some of the slices, evenly spaced, as if fewer had been annotated.

    Parameters
    ----------
    slices : list of int
        Those that a split trains on.
    count : int
        How many are kept; 0 keeps all.

    Returns
    -------
    list of int
        The middle one of each of `count` equal parts.

    Raises
    ------
    InputError
        If there are fewer than `count`.
    """
    total = len(slices)
    if count > total:
        raise InputError(
            f"{count} training slices are asked for, expected at most {total}, as the "
            "split trains on no more; lower augmentation.<name>.slices, or 0 for all"
        )
    return [slices[(2 * k + 1) * total // (2 * count)] for k in range(count)] or slices


def read_slices(path: Path, part: str, available: int) -> list[int]:
    """Read from a split which slices of a stack are used.

    Parameters
    ----------
    path : Path
        JSON of :func:`split`.
    part : {"train", "score"}
        Slices to train on, or to score.
    available : int
        Slices of the stack.

    Returns
    -------
    list of int
        0-based indices, at least one.

    Raises
    ------
    InputError
        If the split names no slices, or one that does not exist.
    """
    value = read_json(path).get(part)
    slices = value.get("slices") if isinstance(value, dict) else None
    if not slices or not isinstance(slices, list):
        raise InputError(
            f'{path} lacks {{"{part}": {{"slices": [0, 1, ...]}}}}; '
            "write it by split.py"
        )
    for number in slices:
        if type(number) is not int or not 0 <= number < available:
            raise InputError(
                f"{path} names slice {number!r}, expected 0..{available - 1}: the "
                "stack has no other; use the split of this stack"
            )
    return slices
