"""Experiments: what they inherit, and how they differ from the reference."""

import copy
import hashlib
import json

from unet2015.errors import InputError
from unet2015.settings import defaults

TRAINED = ("augmentation", "weights", "network", "training")
"""Stages that a training depends on."""

STAGES = (*TRAINED, "inference", "partition")

PILOT = 8
"""Trainings of the reference that fix the number of seeds for the claims."""

REPLICATES = 16
"""Trainings of the reference that are compared with each other."""

RUNTIME = ("backend", "precision", "memory", "tile")
"""Settings that change how a prediction is computed, but not what it means."""


def inherit_stages(config: dict) -> None:
    """Complete every experiment by the reference, in place, and put that first.

    Parameters
    ----------
    config : dict
        Checked against the schema; its `experiments` are replaced.

    Raises
    ------
    InputError
        If the reference is not defined.
    """
    experiments, reference = config["experiments"], config["run"]["reference"]
    if reference not in experiments:
        raise InputError(
            f"config: run.reference names {reference!r}, which is not defined; "
            f"choose one of {', '.join(sorted(experiments))} or define it"
        )
    config.setdefault("partition", {}).setdefault("none", {})
    model = {"partition": "none", **experiments.pop(reference)}
    stages = {stage: model[stage] for stage in STAGES if stage in model}
    others = {name: {**stages, **experiments[name]} for name in sorted(experiments)}
    config["experiments"] = {reference: model, **others}


def inherit_settings(config: dict) -> None:
    """Complete every named setting by the one that the reference names, in place.

    What that leaves out as well is the schema's to say.

    Parameters
    ----------
    config : dict
        Of :func:`inherit_stages`; the sections of the stages are replaced.
    """
    reference = config["experiments"][config["run"]["reference"]]
    for stage in STAGES:
        model = config[stage][reference[stage]]
        config[stage] = {name: model | own for name, own in config[stage].items()}


def settings_of(config: dict, experiment: str) -> dict[str, dict]:
    """Return the settings of each stage of an experiment."""
    chosen = config["experiments"][experiment]
    return {stage: config[stage][chosen[stage]] for stage in STAGES}


def settings_hash(config: dict, dataset: str, experiment: str, split: str) -> str:
    """Return what tells a run from another of the same name that was made otherwise.

    Parameters
    ----------
    config : dict
        Complete.
    dataset, experiment, split : str
        Of the run.

    Returns
    -------
    str
        12 hexadecimal digits: of the settings of its stages as far as they are not the
        defaults, so that an option that is new changes nothing, and as far as they
        change what is computed; of the dataset, without the paths of its files; of a
        fold, also of how many.
    """
    entry = config["datasets"][dataset].items()
    said = {"dataset": {key: value for key, value in entry if key != "files"}}
    for stage, settings in settings_of(config, experiment).items():
        usual = defaults(stage)
        skipped = RUNTIME if stage == "inference" else ()
        said[stage] = {
            key: value
            for key, value in settings.items()
            if key not in skipped and (key, value) not in usual.items()
        }
    if split != "test":
        said["folds"] = config["run"]["folds"]
    text = json.dumps(said, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def against_of(config: dict) -> dict[str, str]:
    """Return what experiments are compared with that is not the reference, by name."""
    return {
        name: chosen["against"]
        for name, chosen in config["experiments"].items()
        if "against" in chosen
    }


def claims_of(config: dict) -> list[dict]:
    """Return the claims that experiments test by doing without them.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

    Returns
    -------
    list of dict
        `arm` (the experiment), `against` (what it is compared with), `sentence`,
        `section`, `endpoint`, `margin`, `primary` and `retrained`, whether the two are
        different trainings; primary claims first, then by section and arm.
    """
    reference, experiments = config["run"]["reference"], config["experiments"]
    claims = [
        {"arm": name, "against": reference, "section": "", **chosen["claim"]}
        for name, chosen in experiments.items()
        if "claim" in chosen
    ]
    for claim in claims:
        arm, other = (experiments.get(claim[key], {}) for key in ("arm", "against"))
        claim["retrained"] = any(arm.get(s) != other.get(s) for s in TRAINED)
    return sorted(claims, key=lambda c: (not c["primary"], c["section"], c["arm"]))


def claim_runs(config: dict) -> dict[str, list[tuple[str, str, int]]]:
    """Return the runs that the claims need.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

    Returns
    -------
    dict of str to list of tuple
        (experiment, split, seed) of each run: of the `pilot`, which are the first
        trainings of the reference; of what is `primary`, which are the arms of primary
        claims and further trainings of the reference; of `all`. Without claims, none.
    """
    claims, reference = claims_of(config), config["run"]["reference"]
    if not claims:
        return {"pilot": [], "primary": [], "all": []}
    (split,), seeds = config["run"]["splits"], config["run"]["seeds"]
    again = [(reference, split, seed) for seed in range(max(len(seeds), REPLICATES))]

    def of(chosen: list[dict]) -> list[tuple[str, str, int]]:
        arms = dict.fromkeys(c[key] for c in chosen for key in ("against", "arm"))
        return [(arm, split, seed) for seed in seeds for arm in arms]

    primary = [*again, *of([c for c in claims if c["primary"]])]
    return {
        "pilot": again[:PILOT],
        "primary": list(dict.fromkeys(primary)),
        "all": list(dict.fromkeys([*primary, *of(claims)])),
    }


def shown_of_snapshots(config: dict) -> list[dict]:
    """Return what the curve shows of each snapshot of the reference experiment.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

    Returns
    -------
    list of dict
        `weight_average`, `inference` (a name) and `kept`: the snapshot's file without
        its ending, "model" or "average".
    """
    own = config["experiments"][config["run"]["reference"]]["inference"]
    shown = [
        {"weight_average": False, "inference": own} | s for s in config["run"]["curve"]
    ]
    return [s | {"kept": "average" if s["weight_average"] else "model"} for s in shown]


def differing_in_steps(config: dict) -> list[str]:
    """Return the reference and the experiments that train longer or shorter only.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

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


def torch_peers(config: dict) -> dict[str, str]:
    """Return the inference settings that are to be compared with torch.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

    Returns
    -------
    dict of str to str
        By name, those of experiments that differ from the reference at most in
        `inference` and use another backend or precision; each with the first
        settings in torch and float32 that agree in all else. Settings without
        such a peer are left out.
    """
    reference = config["experiments"][config["run"]["reference"]]
    compared = {}
    for chosen in config["experiments"].values():
        same = all(chosen[s] == reference[s] for s in STAGES if s != "inference")
        name = chosen["inference"]
        if same and not _is_usual(config["inference"][name]):
            peer = _peer(config["inference"], config["inference"][name])
            compared |= {name: peer} if peer else {}
    return compared


def _is_usual(settings: dict) -> bool:
    """Return whether backend and precision are left to the device, or plain."""
    return settings["backend"] == "torch" and settings["precision"] != "bfloat16"


def _is_plain(settings: dict) -> bool:
    """Return whether settings ask for torch and float32."""
    return (settings["backend"], settings["precision"]) == ("torch", "float32")


def _peer(inference: dict, settings: dict) -> str | None:
    """Return the first settings in torch and float32 that mean the same."""
    for name, other in inference.items():
        if _is_plain(other) and _meaning(other) == _meaning(settings):
            return name
    return None


def _meaning(settings: dict) -> dict:
    """Return what a prediction depends on, apart from rounding."""
    return {key: value for key, value in settings.items() if key not in RUNTIME}
