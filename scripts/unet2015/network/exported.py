"""What an exported model states of its network."""

from unet2015.network.model_files import CARD
from unet2015.settings import check

NM_PER_PIXEL = {"nm_per_pixel": {"type": "number", "exclusiveMinimum": 0}}
EXPORTED = {**CARD, "properties": {**CARD["properties"], **NM_PER_PIXEL}}
"""What a card may describe, and the pixel size of the training slices."""


def check_exported(stated: dict, place: str) -> None:
    """Raise an error unless an exported model is described as one can be made.

    Parameters
    ----------
    stated : dict
        `architecture`, `normalisation` and, if it is known, `nm_per_pixel`.
    place : str
        Where it stands, the first words of the message.

    Raises
    ------
    InputError
        On the first key that is unknown, missing, of the wrong type or out of range.
    """
    check(stated, EXPORTED, place)
