"""Settings: what the schema of the config allows, and JSON files that hold them.

One schema describes every key, ``workflow/schemas/config.schema.yaml``. An error
names the key, the bound that it breaks and the cure.
"""

import difflib
import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from unet2015.errors import InputError

SCHEMA = Path(__file__).parent / "config/config.schema.yaml"

BOUNDS = {
    "type": "expected {}",
    "enum": "expected one of {}",
    "minimum": "expected at least {}",
    "maximum": "expected at most {}",
    "exclusiveMinimum": "expected more than {}",
    "exclusiveMaximum": "expected less than {}",
    "minItems": "expected at least {} entries",
    "maxItems": "expected at most {} entries",
    "minProperties": "expected at least {} entries",
    "uniqueItems": "expected every entry once",
    "pattern": "expected the form {}",
}
"""How each kind of bound reads in an error."""


def is_number(value: object) -> bool:
    """Return whether a value is a number that is not NaN or infinite."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def _is_whole(value: object) -> bool:
    """Return whether a value counts things: 100.0 cannot be the size of an array."""
    return isinstance(value, int) and not isinstance(value, bool)


Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "number": lambda _, value: is_number(value),
            "integer": lambda _, value: _is_whole(value),
        }
    ),
)
"""JSON Schema, but with the numbers of programs rather than of JavaScript."""


@cache
def read_schema() -> dict:
    """Return the schema of the config; not to be changed."""
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


def schema_of(section: str) -> dict:
    """Return the schema of one setting of a section, or of a key of a dataset.

    Parameters
    ----------
    section : str
        ``"augmentation"``, ``"weights"``, ``"network"``, ``"training"``,
        ``"inference"``, ``"partition"``, ``"phantom"`` or ``"intensity_range"``.

    Returns
    -------
    dict
        Without keys that name an input of a rule (`is_input`).
    """
    sections = read_schema()["properties"]
    of_a_dataset = sections["datasets"]["additionalProperties"]["properties"]
    if section in of_a_dataset:
        return of_a_dataset[section]
    schema = sections[section]["additionalProperties"]
    keys = schema["properties"].items()
    own = {key: part for key, part in keys if not part.get("is_input")}
    return {**schema, "properties": own}


def of_program(settings: Mapping, section: str) -> dict:
    """Return those settings of a stage that :func:`read_settings` reads."""
    return {key: settings[key] for key in schema_of(section)["properties"]}


def defaults(section: str) -> dict:
    """Return the settings of :func:`schema_of` that state nothing: the paper's."""
    keys = schema_of(section)["properties"]
    return {key: part["default"] for key, part in keys.items()}


def check(value: object, schema: dict, place: str) -> None:
    """Raise an error unless a value is what a schema describes.

    Parameters
    ----------
    value : object
        As read from YAML or JSON.
    schema : dict
        A part of :func:`read_schema`.
    place : str
        Where the value stands, the first word of the message.

    Raises
    ------
    InputError
        On the first key that is unknown, missing, of the wrong type or out of range.
    """
    errors = sorted(Validator(schema).iter_errors(value), key=_depth)
    if errors:
        raise InputError(_explain(errors[0], place))


def check_range(intensity_range: Sequence[float], place: str) -> None:
    """Raise InputError unless a range is two numbers, the lower first.

    Parameters
    ----------
    intensity_range : sequence of float
        The values that shall become 0 and 255.
    place : str
        Where it stands, the first words of the message.
    """
    low, high = intensity_range
    if not (is_number(low) and is_number(high) and low < high):
        raise InputError(
            f"{place} is {low!r} to {high!r}, expected two numbers, the lower first; "
            "state which values become black and white"
        )


def read_settings(path: Path | str, section: str) -> dict:
    """Read the settings of one stage: every key of the section, and no other.

    Parameters
    ----------
    path : Path or str
        JSON, as the workflow writes it.
    section : str
        Of the config, see :func:`schema_of`.

    Raises
    ------
    InputError
        If the file cannot be read, or a key is unknown, missing, of the wrong type
        or out of range.
    """
    found, schema = read_json(path), schema_of(section)
    check(found, {**schema, "required": list(schema["properties"])}, str(path))
    return found


def parse_json(path: Path | str) -> object:
    """Read whatever a JSON file holds.

    Raises
    ------
    InputError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path} cannot be read as JSON: {error}; correct it, or delete it and "
            "run the workflow again"
        ) from error


def read_json(path: Path | str) -> dict:
    """Read a JSON object.

    Raises
    ------
    InputError
        If the file is missing or holds anything else.
    """
    value = parse_json(path)
    if not isinstance(value, dict):
        raise InputError(
            f"{path} holds {type(value).__name__}, expected an object {{...}}; "
            "correct it, or delete it and run the workflow again"
        )
    return value


def _depth(error: ValidationError) -> tuple:
    """Sort errors by their place in the config, so that the message is stable."""
    return [str(part) for part in error.absolute_path], str(error.validator)


def _explain(error: ValidationError, place: str) -> str:
    """Return one line: the key, its value, the bound, the cure."""
    key = ".".join(str(part) for part in error.absolute_path)
    value, bound = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        return f"{place}: " + _unknown(key, value, error.schema.get("properties", {}))
    if error.validator == "required":
        missing = ", ".join(sorted(set(bound) - set(value)))
        where = f"{place}: {key} lacks" if key else f"{place}: lacks"
        cure = error.schema.get("if_lacking", "add it (see config/README.md)")
        return f"{where} {missing}; {cure}"
    wording = BOUNDS.get(error.validator, error.message)
    if isinstance(bound, list):
        bound = ", ".join(map(str, bound))
    expected = wording.format(bound)
    if error.validator == "type":
        expected += _number_hint(value, bound)
    meaning = error.schema.get("description", "").strip().rstrip(".")
    hint = f" ({meaning})" if meaning else ""
    return (
        f"{place}: {key} is {value!r}, {expected}{hint}; correct it (see "
        "config/README.md)"
    )


def _number_hint(value: object, kind: str) -> str:
    """Tell how to write what was meant as a number, such as 1e-3 or 100.0."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return ""
    if kind == "integer" and number.is_integer():
        return f"; write {int(number)}"
    if kind == "number" and isinstance(value, str) and math.isfinite(number):
        mantissa, exponent = f"{number:e}".split("e")
        shown = f"{float(mantissa)}e{exponent}"
        return f"; YAML reads an exponent only after a point: {shown}"
    return ""


def _unknown(key: str, value: dict, known: dict) -> str:
    """Explain a key that the schema does not know."""
    unknown = min(set(value) - set(known), key=str)
    shown = str(unknown) if str(unknown).isprintable() else repr(unknown)
    place = f"{key}.{shown}" if key else shown
    renamed = [n for n, part in known.items() if part.get("formerly") == unknown]
    if renamed:
        return f"{place} is now called {renamed[0]}; rename it (see config/README.md)"
    close = difflib.get_close_matches(str(unknown), known, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    return f"{place} is not a key; {guess}known here: {', '.join(sorted(known))}"
