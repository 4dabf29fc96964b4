"""The config: checked and completed before anything runs.

One schema describes every key; see ``config/README.md``. An error names the
key, the bound that it breaks and the cure.
"""

import contextlib
import copy
from collections.abc import Iterator
from pathlib import Path

from unet2015.config.experiments import (
    STAGES,
    claims_of,
    inherit_settings,
    inherit_stages,
    settings_of,
)
from unet2015.config.initial_models import NONE, made_by
from unet2015.data.offsets import attracting, check_offsets
from unet2015.errors import InputError
from unet2015.network.layers import Layers, unet_layers
from unet2015.network.memory import gigabytes, needed_bytes, weight_bytes
from unet2015.network.sizes import Sizes
from unet2015.settings import check, check_range, read_schema


def complete(config: dict) -> dict:
    """Return a validated copy of a config, with all that it leaves out.

    Parameters
    ----------
    config : dict
        As read from YAML.

    Returns
    -------
    dict
        Every named setting with all its keys; every experiment with all six
        stages and its claim, if any. Experiments inherit from the reference
        experiment, settings from those that it names, and these from the schema.

    Raises
    ------
    InputError
        On the first key that is unknown, missing, of the wrong type or out of
        range, or that names or combines settings that do not fit.
    """
    config, schema = copy.deepcopy(config), read_schema()
    _read_numbers(config.get("predict"))
    check(config, schema, "config")
    _fill_defaults(config["run"], schema["properties"]["run"])
    inherit_stages(config)
    _check_names(config)
    inherit_settings(config)
    _fill_defaults(config, schema)
    _check_precisions(config["inference"])
    _check_splits(config["run"])
    for name, dataset in config["datasets"].items():
        _check_paths(dataset.get("files", {}), f"datasets.{name}.files")
        if stated := dataset.get("intensity_range"):
            check_range(stated, f"config: datasets.{name}.intensity_range")
    for name, training in config["training"].items():
        _check_paths(training, f"training.{name}")
    _check_paths(config["predict"], "predict")
    known = dict(enumerate(config["run"]["known"]))
    _check_paths(known, "run.known")
    config["run"]["known"] = list(known.values())
    _check_curve(config)
    _check_claims(config)
    _check_pairs(config)
    for name in config["experiments"]:
        _check_sizes(name, config)
    return config


def missing_files(config: dict) -> list[str]:
    """Return a line for each file from elsewhere that is not there (yet).

    Parameters
    ----------
    config : dict
        Of :func:`complete`.

    Returns
    -------
    list of str
        Of files of the datasets to run, of models that trainings begin with, and of
        rows.
    """
    files = {
        f"datasets.{name}.files.{key}": path
        for name in config["run"]["datasets"]
        for key, path in config["datasets"][name].get("files", {}).items()
    }
    for name in sorted({each["training"] for each in config["experiments"].values()}):
        path = config["training"][name]["initial"]
        if path != NONE and not made_by(path):
            files |= {f"training.{name}.initial": path}
    files |= {f"run.known.{k}": path for k, path in enumerate(config["run"]["known"])}
    return [
        f"{key}: {path} does not exist; relative paths start from {Path.cwd()}"
        for key, path in files.items()
        if not Path(path).exists()
    ]


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
    for name in config["run"]["table1"]:
        yield name, config["experiments"], "run.table1"
    folds = [f"fold{k}" for k in range(config["run"]["folds"])]
    for name in config["run"]["splits"]:
        yield name, dict.fromkeys(["test", *folds]), "run.splits"
    for shown in config["run"]["curve"]:
        if "inference" in shown:
            yield shown["inference"], config["inference"], "run.curve"
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


def _read_numbers(section: object) -> None:
    """Read numbers that the command line gave as text, which `--config` does."""
    for key, value in section.items() if isinstance(section, dict) else ():
        if isinstance(value, str) and key not in PATHS:
            with contextlib.suppress(ValueError):
                section[key] = int(value) if value.isdigit() else float(value)


PATHS = ("images", "model", "labels")
"""Keys of section `predict` whose values are paths."""


def _check_paths(files: dict, place: str) -> None:
    """Write ~ out in the paths of files, and refuse what Snakemake misreads."""
    for key, path in files.items():
        if not isinstance(path, str):
            continue
        if set("{}") & set(path):
            raise InputError(
                f"config: {place}.{key} is {path!r}, expected no braces, which "
                "Snakemake takes for wildcards; rename the file or link to it"
            )
        try:
            files[key] = str(Path(path).expanduser())
        except RuntimeError as error:
            raise InputError(
                f"config: {place}.{key} is {path!r}, but the home is not known; "
                "write it out"
            ) from error


def _check_splits(run: dict) -> None:
    """Refuse experiments on the test stack unless that is meant."""
    if "test" in run["splits"] and not run["allow_test_split"]:
        raise InputError(
            "config: run.splits names test, expected fold0, fold1, ...: what is chosen "
            "by the test stack cannot be tested on it; set run.allow_test_split to "
            "true if nothing is chosen"
        )


def _check_curve(config: dict) -> None:
    """Refuse to show an average of weights that the training does not keep."""
    chosen = config["experiments"][config["run"]["reference"]]["training"]
    asked = any(shown.get("weight_average") for shown in config["run"]["curve"])
    if asked and not config["training"][chosen]["weight_average"]:
        raise InputError(
            "config: run.curve asks for weight_average, which is 0 in "
            f"training.{chosen}, expected more; set it to 0.99 or leave it out of "
            "run.curve"
        )


def _check_claims(config: dict) -> None:
    """Refuse claims on several splits, or with chosen seeds."""
    claims, splits = claims_of(config), config["run"]["splits"]
    if claims and len(splits) > 1:
        raise InputError(
            f"config: run.splits names {', '.join(splits)}, expected one split where "
            "experiments have a claim, which is decided by its seeds; name one"
        )
    seeds = config["run"]["seeds"]
    if claims and seeds != list(range(len(seeds))):
        raise InputError(
            f"config: run.seeds is {seeds}, expected 0, 1, 2, ... where experiments "
            "have a claim: none may be chosen; number them from 0"
        )


def _check_pairs(config: dict) -> None:
    """Refuse an experiment that is compared with nothing."""
    named = [(claim["arm"], "claim.against", claim) for claim in claims_of(config)]
    named += [(name, "against", each) for name, each in config["experiments"].items()]
    for name, key, place in named:
        others = [other for other in config["experiments"] if other != name]
        if "against" in place and place["against"] not in others:
            raise InputError(
                f"config: experiments.{name}.{key} names {place['against']!r}, "
                f"expected another experiment: one of {', '.join(others)}; correct it"
            )


def _check_sizes(experiment: str, config: dict) -> None:
    """Refuse a sample or a tile that does not fit the network."""
    chosen = config["experiments"][experiment]
    settings = settings_of(config, experiment)
    _check_affinities(chosen, settings)
    _check_partition(chosen, settings)
    channels = 1 + 2 * settings["augmentation"]["neighbours"]
    layers = unet_layers(**settings["network"], in_channels=channels)
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


def _check_affinities(chosen: dict, settings: dict) -> None:
    """Refuse affinities that samples have no targets for."""
    offsets, augmentation = settings["network"]["affinities"], settings["augmentation"]
    if not offsets:
        return
    place = f"network.{chosen['network']}.affinities"
    check_offsets(offsets, f"config: {place}")
    name, side = f"augmentation.{chosen['augmentation']}", augmentation["side"]
    if not augmentation["on_the_fly"]:
        raise InputError(
            f"config: {name}.on_the_fly is false, expected true with {place}: stored "
            "samples do not know the cells of whole slices; set it to true"
        )
    if any(offset[0] for offset in offsets) and not augmentation["neighbours"]:
        raise InputError(
            f"config: {name}.neighbours is 0, expected at least 1 with {place} between "
            "slices, of which the network has to see both; set it to 1"
        )
    farthest = max(abs(step) for _, *steps in offsets for step in steps)
    if farthest >= side:
        raise InputError(
            f"config: {place} reaches {farthest} px, expected less than {name}.side, "
            f"{side} px, which no pair of pixels would fit into; leave it out"
        )


def _check_partition(chosen: dict, settings: dict) -> None:
    """Refuse a partition without affinities, or without any that join pixels."""
    offsets, partition = settings["network"]["affinities"], settings["partition"]
    if partition["method"] == "none":
        return
    if not any(attracting(offsets, partition["attractive"])):
        raise InputError(
            f"config: network.{chosen['network']}.affinities is {offsets}, expected "
            f"an offset of at most {partition['attractive']:g} px, as "
            f"partition.{chosen['partition']} joins pixels by such; add [0, 0, 1] and "
            "[0, 1, 0]"
        )


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
