"""What users would pick instead: packages that only the benchmark needs."""

import importlib
import os
from types import ModuleType

from unet2015.errors import InputError


def peer(name: str) -> ModuleType:
    """Import a module of a peer.

    Parameters
    ----------
    name : str
        Such as "monai.inferers".

    Raises
    ------
    InputError
        If its package is not installed.
    """
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else it asks a server
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{name} cannot be imported ({error}), expected the packages of "
            "envs/benchmark.lock; `make benchmark` installs them"
        ) from error


def basic_unet(width: int):
    """Return MONAI's U-Net of a width, as widely used: padded, instance norm.

    Parameters
    ----------
    width : int
        Channels of the first and of the last level; 64 is the paper's.

    Returns
    -------
    torch.nn.Module
        Maps (batch, 1, height, width) to logits of two classes and the same size.
    """
    features = (*(width * 2**level for level in range(5)), width)
    nets = peer("monai.networks.nets")
    return nets.BasicUNet(
        spatial_dims=2, in_channels=1, out_channels=2, features=features
    )
