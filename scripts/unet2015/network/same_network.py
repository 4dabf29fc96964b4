"""Whether the weights of a model fit a network, told from its description."""

from collections.abc import Mapping

from unet2015.errors import InputError
from unet2015.settings import defaults

WITHOUT_WEIGHTS = ("dropout", "padding")
CHANNELS = {"in_channels": 1, "classes": 2}
CURES = {"in_channels": "change augmentation.<name>.neighbours, or ", "classes": ""}
"""For what a model's description calls otherwise than the config."""


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
