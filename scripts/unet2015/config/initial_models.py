"""The model that a training begins with, `initial`, in place of random weights.

It may come from anywhere, or be one that the workflow makes, which its path tells. Its
network has to be the one that is trained, but for what has no weights.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from unet2015.config.experiments import settings_of
from unet2015.errors import InputError
from unet2015.settings import defaults

NONE = "none"
WITHOUT_WEIGHTS = ("dropout", "padding")
CHANNELS = {"in_channels": 1, "classes": 2}
CURES = {"in_channels": "change augmentation.<name>.neighbours, or ", "classes": ""}
"""For what a model's description calls otherwise than the config."""

NAME = "[a-z0-9]+(-[a-z0-9]+)*"
MADE = re.compile(
    rf"results/(?P<dataset>{NAME})/models/(?P<split>test|fold[0-9]+)/"
    rf"(?P<augmentation>{NAME})_(?P<weights>{NAME})_(?P<network>{NAME})"
    rf"_(?P<training>{NAME})/seed(?P<seed>[0-9]+)/model\.safetensors"
)
"""Where the workflow's models lie."""


def check_initial_models(config: Mapping) -> None:
    """Refuse a model that no training of the config can begin with.

    Parameters
    ----------
    config : mapping
        Of :func:`unet2015.config.validation.complete`.

    Raises
    ------
    InputError
        If its network is another one, if its file is there but damaged, or if it is one
        of the workflow's whose settings are not defined or which begins with itself.
    """
    for name, chosen in config["experiments"].items():
        settings = settings_of(config, name)
        path = settings["training"]["initial"]
        place = f"config: training.{chosen['training']}.initial is {path}"
        if path == NONE:
            continue
        channels = 1 + 2 * settings["augmentation"]["neighbours"]
        found = _architecture(path, config, place)
        if found is not None:
            wanted = settings["network"] | {"in_channels": channels}
            refuse_other_network(found, wanted, place)


def made_by(path: str) -> dict[str, str] | None:
    """Return which training of the workflow makes a model.

    Parameters
    ----------
    path : str
        As `initial` states it.

    Returns
    -------
    dict or None
        `dataset`, `split`, `seed` and the names of settings; None if the model comes
        from elsewhere.
    """
    found = MADE.fullmatch(path)
    return found and found.groupdict()


def card_of(path: str) -> str:
    """Return where the description of a model lies."""
    return str(Path(path).with_suffix(".json"))


def refuse_other_network(found: Mapping, wanted: Mapping, place: str) -> None:
    """Raise InputError if weights of one network do not fit another.

    Parameters
    ----------
    found, wanted : mapping
        Arguments of :func:`unet2015.network.layers.unet_layers`; what is left out has
        its default.
    place : str
        Which model it is, the first words of the message.
    """
    usual = CHANNELS | defaults("network")
    for key in (key for key in usual if key not in WITHOUT_WEIGHTS):
        theirs, ours = ({**usual, **each}[key] for each in (found, wanted))
        if theirs != ours:
            cure = CURES.get(key, f"change network.<name>.{key}, or ")
            raise InputError(
                f"{place}, whose network has {key} {theirs!r}, expected {ours!r} as "
                f"the network to train; {cure}name a model of the same network"
            )


def _architecture(path: str, config: Mapping, place: str) -> dict | None:
    """Return the network of a model; None if that is not known yet."""
    if made_by(path):
        names = _chain(path, config, place)
        neighbours = config["augmentation"][names["augmentation"]]["neighbours"]
        return config["network"][names["network"]] | {"in_channels": 1 + 2 * neighbours}
    if not Path(card_of(path)).exists():
        return None
    from unet2015.network.model_files import read_card  # torch, which takes seconds

    return read_card(Path(card_of(path)))[0]


def _chain(path: str, config: Mapping, place: str) -> dict[str, str]:
    """Return which training makes a model, and check what that begins with."""
    names, seen = made_by(path), set()
    while path != NONE and (made := made_by(path)):
        sections = {"dataset": "datasets"} | {s: s for s in config if s in made}
        for key, section in sections.items():
            if made[key] not in config[section]:
                raise InputError(
                    f"{place}, of {section}.{made[key]}, which is not defined; define "
                    "it as for that training, or copy the model and its .json elsewhere"
                )
        if path in seen:
            raise InputError(
                f"{place}, whose training begins with that same model; set initial: "
                f"none in training.{made['training']}"
            )
        seen.add(path)
        path = config["training"][made["training"]]["initial"]
    return names
