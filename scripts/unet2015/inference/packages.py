"""Exported models: packages of bioimage.io, as this program writes them.

A package is a zip file, or the folder that it unpacks to. Its `rdf.yaml` describes it
for every program; what this one needs stands there under `config`, `unet2015`:
`architecture` and `normalisation` (see :mod:`unet2015.network.model_files`), the
`version` that wrote it and, if it is known, `nm_per_pixel` of the training slices.
"""

import contextlib
import hashlib
import io
import zipfile
from pathlib import Path

import torch
import yaml
from torch import Tensor

import unet2015
from unet2015.errors import InputError
from unet2015.inference.package_files import DESCRIPTIONS, is_package
from unet2015.network.exported import check_exported
from unet2015.network.layers import unet_layers
from unet2015.network.memory import weight_bytes
from unet2015.network.unet import UNet

VERSION = unet2015.__version__
"""What a package notes of the program that wrote it."""

WEIGHTS = "weights.pt"

LONGEST_DESCRIPTION = 2**20
"""Bytes."""

ROOM = 2**20
"""Bytes that a file of weights has at most beside them."""

CURE = "fetch it or export it again (make export)"


def read_package_card(path: Path) -> tuple[dict, dict]:
    """Read what an exported model is.

    Parameters
    ----------
    path : Path
        See :func:`unet2015.inference.package_files.model_file`.

    Returns
    -------
    architecture, normalisation : dict
        See :mod:`unet2015.network.model_files`.

    Raises
    ------
    InputError
        If it cannot be read, or was not written by this version's program.
    """
    ours = own_description(read_description(path), path)
    return ours["architecture"], ours["normalisation"]


def trained_nm_per_pixel(path: Path) -> float | None:
    """Return the pixel size of the training slices in nm, if a package states it."""
    if not is_package(path):
        return None
    return own_description(read_description(path), path).get("nm_per_pixel")


def load_package(path: Path) -> UNet:
    """Read the network of an exported model, ready for inference.

    Parameters
    ----------
    path : Path
        See :func:`unet2015.inference.package_files.model_file`.

    Returns
    -------
    UNet
        In evaluation mode, channels_last, on the CPU.

    Raises
    ------
    InputError
        As :func:`read_package_card`; or if the weights are not those that are
        described.
    """
    described = read_description(path)
    architecture = own_description(described, path)["architecture"]
    expected = weight_bytes(unet_layers(**architecture))  # before a giant is made
    content = read_file(path, WEIGHTS, expected + ROOM)
    stated = described["weights"]["pytorch_state_dict"]["sha256"]
    found = hashlib.sha256(content).hexdigest()
    if found != stated:
        raise InputError(
            f"{WEIGHTS} of {path} has the sha256 {found}, expected {stated} as its "
            f"description says; {CURE}"
        )
    unet = UNet(**architecture)
    try:
        unet.load_state_dict(state_dict(content))
    except Exception as error:  # torch raises many kinds on damaged files
        raise InputError(
            f"{WEIGHTS} of {path} does not hold the weights of the network that it "
            f"describes ({str(error).splitlines()[0]}); {CURE}"
        ) from error
    return unet.eval().to(memory_format=torch.channels_last)


def state_dict(content: bytes) -> dict[str, Tensor]:
    """Return the tensors that a file of weights holds; no code of it is run."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def read_description(path: Path) -> dict:
    """Return what the description of a package says.

    Raises
    ------
    InputError
        If there is none, or it is not one of a model with a state dict.
    """
    content = None
    for name in DESCRIPTIONS if path.suffix == ".zip" else (path.name,):
        content = content or read_file(path, name, LONGEST_DESCRIPTION, absent=b"")
    try:
        described = yaml.safe_load(content)
        if described["weights"]["pytorch_state_dict"]["sha256"]:
            return described
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, KeyError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        reason = "no sha256 of a state dict"
    raise InputError(
        f"{path} is no package of a model ({reason}), expected {DESCRIPTIONS[0]} with "
        f"weights.pytorch_state_dict.sha256; {CURE}"
    )


def own_description(described: dict, path: Path) -> dict:
    """Return what this program needs of a description, checked.

    Raises
    ------
    InputError
        If another program or another major version wrote it, or its values are out of
        range.
    """
    config = described.get("config")
    ours = config.get("unet2015") if isinstance(config, dict) else None
    if not isinstance(ours, dict):
        raise InputError(
            f"{path} was written by another program (its description lacks "
            "config.unet2015), expected an export of unet2015; use bioimageio.core for "
            "other models"
        )
    found, major = str(ours.get("version")), VERSION.partition(".")[0]
    if found.partition(".")[0] != major:
        raise InputError(
            f"{path} was written by unet2015 {found}, expected {major}.x; install that "
            "version, or export the model with this one"
        )
    check_exported(ours, f"{path}: config.unet2015")
    return ours


def read_file(path: Path, name: str, most: int, absent: bytes | None = None) -> bytes:
    """Return a file of a package.

    Parameters
    ----------
    path : Path
        See :func:`unet2015.inference.package_files.model_file`.
    name : str
        Of the file in the package.
    most : int
        Bytes that it may have.
    absent : bytes, optional
        What stands for a file that is not there.

    Raises
    ------
    InputError
        If it is missing, damaged or too large.
    """
    try:
        with contextlib.ExitStack() as stack:
            if path.suffix == ".zip":
                archive = stack.enter_context(zipfile.ZipFile(path))
                file = archive.open(name)
            else:
                file = (path.parent / name).open("rb")
            content = stack.enter_context(file).read(most + 1)
    except (KeyError, FileNotFoundError) as error:
        if absent is not None and path.exists():
            return absent
        raise InputError(f"{path} lacks {name} ({error}); {CURE}") from error
    except Exception as error:  # zipfile raises many kinds on damaged files
        raise InputError(
            f"{path} cannot be read as a package ({error}); {CURE}"
        ) from error
    if len(content) > most:
        raise InputError(
            f"{name} of {path} has more than the {most} bytes that are expected; {CURE}"
        )
    return content
