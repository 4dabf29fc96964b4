"""JSON files that carry the settings of one stage, or a split, to a program."""

import json
import sys
from pathlib import Path

from unet2015.errors import InputError

KEYS = {
    "augmentation": {
        "samples": (int, 1),
        "side": (int, 1),
        "rotate": (bool, 0),
        "flip": (bool, 0),
        "scale": (float, 0),
        "shift": (float, 0),
        "grid": (int, 2),
        "std": (float, 0),
        "gain": (float, 0),
        "offset": (float, 0),
        "noise": (float, 0),
    },
    "phantom": {"seed": (int, 0), "slices": (int, 1), "side": (int, 1)},
    "weights": {"w0": (float, 0), "sigma": (float, 0), "class_balance": (bool, 0)},
    "training": {
        "optimiser": (str, None),
        "learning_rate": (float, 0),
        "schedule": (str, None),
        "warmup": (float, 0),
        "momentum": (float, 0),
        "weight_decay": (float, 0),
        "clip": (float, 0),
        "average": (float, 0),
        "batch": (int, 1),
        "accumulate": (int, 1),
        "steps": (int, 1),
        "precision": (str, None),
        "snapshots": (list, None),
        "deterministic": (bool, 0),
        "compile": (bool, 0),
    },
    "inference": {
        "average": (str, None),
        "border": (str, None),
        "memory": (float, None),  # tile_choice names the bound
        "tile": (int, 0),
        "precision": (str, None),
    },
}
"""What a program needs of each section of the config: type and least value."""

NAMED = {int: "a whole number", float: "a number", bool: "true or false", str: "a name"}
NAMED |= {list: "a list"}


def read_settings(path: Path | str, stage: str) -> dict:
    """Read the settings of one stage.

    The config's schema bounds them further; this is for files made by hand.

    Parameters
    ----------
    path : Path or str
        JSON of settings.py.
    stage : str
        Section of the config, see `KEYS`.

    Raises
    ------
    InputError
        If the file cannot be read, or a key is missing, of the wrong type or too
        small.
    """
    found = read_json(path)
    for key, (kind, least) in KEYS[stage].items():
        if key not in found:
            raise InputError(
                f"{path} lacks {key}, expected the keys {', '.join(KEYS[stage])}; "
                "add it (see config/README.md)"
            )
        value = found[key]
        fits = is_number(value) if kind is float else type(value) is kind
        bounded = kind in (int, float) and least is not None
        if not fits or (bounded and value < least):
            bound = f", at least {least}" if bounded else ""
            raise InputError(
                f"{path}: {key} is {value!r}, expected {NAMED[kind]}{bound}; "
                "correct it (see config/README.md)"
            )
    return found


def is_number(value: object) -> bool:
    """Tell whether a value of JSON is a number that is not NaN or infinite."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def read_json(path: Path | str) -> dict:
    """Read a JSON object.

    Raises
    ------
    InputError
        If the file is missing or holds anything else.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path} cannot be read as JSON: {error}; correct it, or delete it and "
            "run the workflow again"
        ) from error
    if not isinstance(value, dict):
        raise InputError(
            f"{path} holds {type(value).__name__}, expected an object {{...}}; "
            "correct it, or delete it and run the workflow again"
        )
    return value
