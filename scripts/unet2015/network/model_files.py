"""A trained model on the disk: weights as safetensors, the rest as JSON.

The JSON holds `architecture` (the arguments of
:func:`unet2015.network.layers.unet_layers`), `normalisation` (`mean` and `std` in grey
levels; `intensity_range`, the two values that became 0 and 255, if the training volume
was not of 8 bits), the `sha256` of the weights and, if the training began with another
model, `initial`: the `path` and `sha256` of its weights.
Neither file can run code when it is read.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from unet2015.atomic_write import atomic_write, write_json
from unet2015.errors import InputError
from unet2015.network.layers import unet_layers
from unet2015.network.memory import weight_bytes
from unet2015.network.unet import UNet
from unet2015.settings import check, read_json, schema_of

CHANNELS = {"type": "integer", "minimum": 1, "maximum": 256}
CARD = {
    "type": "object",
    "required": ["architecture", "normalisation"],
    "properties": {
        "architecture": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "in_channels": CHANNELS,
                "classes": CHANNELS,
                **schema_of("network")["properties"],
            },
        },
        "normalisation": {
            "type": "object",
            "required": ["mean", "std"],
            "properties": {
                "mean": {"type": "number"},
                "std": {"type": "number", "exclusiveMinimum": 0},
                "intensity_range": schema_of("intensity_range"),
            },
        },
    },
}
"""What a card may describe: what the config may say of a network, and no giant."""


def save_model(
    unet: UNet,
    architecture: dict,
    normalisation: dict,
    weights: Path,
    card: Path,
    **further: object,
) -> None:
    """Write a trained model.

    Parameters
    ----------
    unet : UNet
        Its parameters and buffers are saved.
    architecture, normalisation : dict
        See the module.
    weights, card : Path
        The safetensors and the JSON file.
    **further : object
        What the JSON also holds.

    Raises
    ------
    InputError
        If the disk is full.
    """
    tensors = {k: v.contiguous().cpu() for k, v in unet.state_dict().items()}
    with atomic_write(weights) as temporary:
        try:
            save_file(tensors, temporary)
        except SafetensorError as error:  # an error of the disk among others
            raise InputError(
                f"{weights} cannot be written ({error}); free space and run again"
            ) from error
        digest = sha256_of(temporary)
    described = {"architecture": architecture, "normalisation": normalisation}
    write_json(card, described | {"sha256": digest, **further})


def load_model(weights: Path, card: Path) -> tuple[UNet, dict]:
    """Read a trained model, ready for inference.

    Parameters
    ----------
    weights, card : Path
        The safetensors and the JSON file.

    Returns
    -------
    unet : UNet
        In evaluation mode, channels_last, on the CPU.
    normalisation : dict
        See the module.

    Raises
    ------
    InputError
        If a file is missing or damaged, or if the two do not belong together.
    """
    architecture, normalisation, digest = _read_card(card)
    try:
        _check_size(Path(weights), architecture)  # before a giant is made
        unet = UNet(**architecture)
        unet.load_state_dict(load_file(weights))
        if digest not in (None, sha256_of(weights)):  # written by hand, without one
            raise RuntimeError("its sha256 is another")
    except (OSError, SafetensorError, RuntimeError) as error:
        raise InputError(
            f"{weights} does not hold the weights that {card} describes "
            f"({str(error).splitlines()[0]}); train the model again"
        ) from error
    return unet.eval().to(memory_format=torch.channels_last), normalisation


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(card: Path) -> tuple[dict, dict]:
    """Read the description of a trained model.

    Returns
    -------
    architecture, normalisation : dict
        See the module.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    architecture, normalisation, _ = _read_card(card)
    return architecture, normalisation


def architecture_text(architecture: Mapping) -> str:
    """Return the arguments of a network as a file notes them."""
    return json.dumps(dict(architecture), sort_keys=True)


def _read_card(card: Path) -> tuple[dict, dict, str | None]:
    """Read architecture, normalisation and, if it is stated, the sha256."""
    place = f"{card} is no model description"
    try:
        described = read_json(card)
        check(described, CARD, place)
    except InputError as error:
        text = str(error).removeprefix(f"{place}: ")
        raise InputError(f"{place} ({text}), or train the model again") from error
    normalisation = described["normalisation"]
    known = CARD["properties"]["normalisation"]["properties"]
    return (
        described["architecture"],
        {key: value for key, value in normalisation.items() if key in known},
        described.get("sha256"),
    )


def _check_size(weights: Path, architecture: dict) -> None:
    """Raise a RuntimeError if a file is too small for the weights of a network."""
    size, needed = weights.stat().st_size, weight_bytes(unet_layers(**architecture))
    if size < needed:
        raise RuntimeError(f"it has {size} bytes, expected at least {needed}")
