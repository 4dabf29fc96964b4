"""JSON files that carry the settings of one stage, or a split, to a program."""

import json
import sys
from pathlib import Path

from unet2015.errors import InputError


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
