"""The model that a training begins with, `initial`, in place of random weights.

It may come from anywhere, or be one that the workflow makes, which its path tells. Its
network has to be the one that is trained, but for what has no weights.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from unet2015.config.experiments import settings_of
from unet2015.errors import InputError
from unet2015.network.same_network import refuse_other_network

NONE = "none"
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


def _architecture(path: str, config: Mapping, place: str) -> dict | None:
    """Return the network of a model; None if that is not known yet."""
    if made_by(path):
        names = _chain(path, config, place)
        neighbours = config["augmentation"][names["augmentation"]]["neighbours"]
        return config["network"][names["network"]] | {"in_channels": 1 + 2 * neighbours}
    card = Path(path).with_suffix(".json")
    if not card.exists():
        return None
    from unet2015.network.model_files import read_card  # torch, which takes seconds

    return read_card(card)[0]


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
