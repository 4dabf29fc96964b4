"""The whole state of a training, so that it can go on after any interruption."""

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path

import torch

from unet2015.atomic import replacing

log = logging.getLogger(__name__)


def fingerprint(settings: dict, files: Iterable[Path]) -> str:
    """Return a name for everything that determines a training.

    Parameters
    ----------
    settings : dict
        Network, training settings, seed, versions: anything JSON can hold.
    files : iterable of Path
        Data and code, compared by content.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a sha256. A changed setting gives
        another name and so never resumes an old run.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def save_checkpoint(path: Path, state: dict) -> None:
    """Write `state` (tensors, numbers, strings, lists, dicts), whole or not at all."""
    with replacing(path) as temporary:
        torch.save(state, temporary)


def load_checkpoint(path: Path) -> dict | None:
    """Return the saved state, or None if there is none that can be read.

    Only plain data is loaded (``weights_only``): a file made to run code on
    load is refused. A damaged checkpoint costs the steps since the start, not
    the run, so it is reported and left out.
    """
    if not path.exists():
        return None
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as why:  # torch raises many kinds on damaged files
        log.warning("checkpoint %s cannot be read (%s); starting over", path, why)
        return None
