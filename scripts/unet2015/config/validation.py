"""The config: defaults, validation and experiments, before anything runs.

One schema describes every key; see ``config/README.md``. An error names the
key, the bound that it breaks and the cure.
"""

import copy
import difflib
import math
from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from unet2015.errors import InputError
from unet2015.network.layers import Layers, unet_layers
from unet2015.network.memory import gigabytes, needed_bytes, weight_bytes
from unet2015.network.sizes import Sizes
from unet2015.settings import is_number

STAGES = ("augmentation", "weights", "network", "training", "inference")

BOUNDS = {
    "type": "expected {}",
    "enum": "expected one of {}",
    "minimum": "expected at least {}",
    "maximum": "expected at most {}",
    "exclusiveMinimum": "expected more than {}",
    "exclusiveMaximum": "expected less than {}",
    "minItems": "expected at least {} entries",
    "minProperties": "expected at least {} entries",
    "uniqueItems": "expected every entry once",
    "pattern": "expected the form {}",
}
"""How each kind of bound reads in an error."""


def _is_finite(_: object, value: object) -> bool:
    """Tell whether a value is a number that a bound can hold, so no .nan or .inf."""
    return is_number(value)


def _is_whole(_: object, value: object) -> bool:
    """Tell whether a value counts things: 100.0 cannot be the size of an array."""
    return isinstance(value, int) and not isinstance(value, bool)


Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_finite, "integer": _is_whole}
    ),
)
"""JSON Schema, but with the numbers of programs rather than of JavaScript."""


def complete(config: dict, schema: dict) -> dict:
    """Return a validated copy of a config with every default filled in.

    Parameters
    ----------
    config : dict
        As read from YAML.
    schema : dict
        The content of ``workflow/schemas/config.schema.yaml``.

    Returns
    -------
    dict
        Every named setting with all its keys; every experiment with all five
        stages, inherited from the reference experiment, and its claim, if any.

    Raises
    ------
    InputError
        On the first key that is unknown, missing, of the wrong type or out of
        range, or that names or combines settings that do not fit.
    """
    config = copy.deepcopy(config)
    errors = sorted(Validator(schema).iter_errors(config), key=_depth)
    if errors:
        raise InputError(explain(errors[0]))
    _fill_defaults(config, schema)
    _inherit(config["experiments"], config["run"]["reference"])
    _check_names(config)
    _check_precisions(config["inference"])
    for name in config["experiments"]:
        _check_sizes(name, config)
    return config


def settings_of(config: dict, experiment: str) -> dict[str, dict]:
    """Return the settings of each stage of an experiment."""
    chosen = config["experiments"][experiment]
    return {stage: config[stage][chosen[stage]] for stage in STAGES}


def differing_in_steps(config: dict) -> list[str]:
    """Return the reference and the experiments that train longer or shorter only.

    Parameters
    ----------
    config : dict
        From :func:`complete`.

    Returns
    -------
    list of str
        One experiment a number of steps, the reference first.
    """
    found, same = {}, None
    for name in config["experiments"]:
        settings = copy.deepcopy(settings_of(config, name))
        steps = settings["training"].pop("steps")
        same = same or settings
        if settings == same:
            found.setdefault(steps, name)
    return list(found.values())


def _depth(error: ValidationError) -> tuple:
    """Sort errors by their place in the config, so that the message is stable."""
    return [str(part) for part in error.absolute_path], str(error.validator)


def explain(error: ValidationError) -> str:
    """Return one line: the key, its value, the bound, the cure."""
    key = ".".join(str(part) for part in error.absolute_path) or "config"
    value, bound = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        return _unknown(key, value, error.schema.get("properties", {}))
    if error.validator == "required":
        missing = ", ".join(sorted(set(bound) - set(value)))
        return f"config: {key} lacks {missing}; add it (see config/README.md)"
    wording = BOUNDS.get(error.validator, error.message)
    if isinstance(bound, list):
        bound = ", ".join(map(str, bound))
    expected = wording.format(bound)
    if error.validator == "type":
        expected += _number_hint(value, bound)
    meaning = error.schema.get("description", "").strip().rstrip(".")
    hint = f" ({meaning})" if meaning else ""
    return f"config: {key} is {value!r}, {expected}{hint}; correct it in the config"


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
    close = difflib.get_close_matches(str(unknown), known, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    place = "" if key == "config" else f"{key}."
    return (
        f"config: {place}{unknown} is not a key; {guess}"
        f"known here: {', '.join(sorted(known))}"
    )


def _fill_defaults(value: object, schema: dict) -> None:
    """Insert the schema's defaults into `value`, in place, at every level."""
    if not isinstance(value, dict):
        return
    properties = schema.get("properties", {})
    for key, part in properties.items():
        if "default" in part:
            value.setdefault(key, copy.deepcopy(part["default"]))
    for key, item in value.items():
        inner = properties.get(key, schema.get("additionalProperties"))
        if isinstance(inner, dict):
            _fill_defaults(item, inner)


def _inherit(experiments: dict, reference: str) -> None:
    """Complete every experiment by the reference, and put that first."""
    if reference not in experiments:
        raise InputError(
            f"config: run.reference names {reference!r}, which is not defined; "
            f"choose one of {', '.join(sorted(experiments))} or define it"
        )
    model = experiments.pop(reference)
    stages = {stage: model[stage] for stage in STAGES if stage in model}
    others = {name: {**stages, **chosen} for name, chosen in experiments.items()}
    experiments.clear()
    experiments.update({reference: model, **dict(sorted(others.items()))})


def _check_names(config: dict) -> None:
    """Refuse an experiment or a run that names something undefined."""
    for name, defined, where in _references(config):
        if name not in defined:
            raise InputError(
                f"config: {where} names {name!r}, which is not defined; "
                f"choose one of {', '.join(sorted(defined))} or define it"
            )
    for name, chosen in config["experiments"].items():
        lacking = [stage for stage in STAGES if stage not in chosen]
        if lacking:
            raise InputError(
                f"config: experiments.{name} lacks {', '.join(lacking)}; "
                "the reference experiment must name a setting for every stage"
            )
    for name, dataset in config["datasets"].items():
        if dataset["source"] == "files" and "files" not in dataset:
            raise InputError(
                f"config: datasets.{name} has source 'files' but no key files; "
                "give the paths of train-volume, train-labels and test-volume"
            )


def _references(config: dict) -> Iterator[tuple[str, dict, str]]:
    """Give every name that must be defined elsewhere, and where it stands."""
    for name in config["run"]["datasets"]:
        yield name, config["datasets"], "run.datasets"
    folds = [f"fold{k}" for k in range(config["run"]["folds"])]
    for name in config["run"]["splits"]:
        yield name, dict.fromkeys(["test", *folds]), "run.splits"
    for experiment, chosen in config["experiments"].items():
        for stage in STAGES:
            if stage in chosen:
                where = f"experiments.{experiment}.{stage}"
                yield chosen[stage], config[stage], where


def _check_precisions(inference: dict) -> None:
    """Refuse an arithmetic that the backend does not have."""
    for name, settings in inference.items():
        backend = settings["backend"]
        if settings["precision"] == "bfloat16" and backend != "torch":
            raise InputError(
                f"config: inference.{name}.precision is 'bfloat16', expected 'auto' or "
                f"'float32' with backend {backend!r}; choose backend torch"
            )


def _check_sizes(experiment: str, config: dict) -> None:
    """Refuse a sample or a tile that does not fit the network."""
    chosen, settings = (
        config["experiments"][experiment],
        settings_of(config, experiment),
    )
    reach = settings["augmentation"]["neighbours"]
    network = {**settings["network"], "in_channels": 1 + 2 * reach}
    layers = unet_layers(**network)
    sizes = Sizes.of(layers)
    try:
        sizes.output_side(settings["augmentation"]["side"])
    except ValueError as error:
        raise InputError(
            f"config: augmentation.{chosen['augmentation']}.side does not fit "
            f"network.{chosen['network']}: {error}"
        ) from None
    tile = settings["inference"]["tile"]
    if 0 < tile < sizes.least_tile():
        raise InputError(
            f"config: inference.{chosen['inference']}.tile is {tile}, expected 0 or at "
            f"least {sizes.least_tile()} px for network.{chosen['network']}"
        )
    _check_memory(chosen, layers, settings["inference"])


def _check_memory(chosen: dict, layers: Layers, inference: dict) -> None:
    """Refuse a bound on the memory that not even the smallest tile keeps."""
    side, memory = Sizes.of(layers).least_tile(), inference["memory"]
    further = (inference["networks"] - 1) * weight_bytes(layers)
    least = gigabytes(needed_bytes(layers, side, side, further))
    if 0 < memory < least:
        raise InputError(
            f"config: inference.{chosen['inference']}.memory is {memory:g} GB, "
            f"expected 0 (no bound) or at least {least:g} GB for "
            f"network.{chosen['network']}"
        )
