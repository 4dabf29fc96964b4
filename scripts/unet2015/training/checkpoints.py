"""The whole state of a training, so that it can go on after any interruption."""

import contextlib
import hashlib
import json
import logging
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError

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
    """Write a state, whole or not at all.

    Parameters
    ----------
    path : Path
        Destination; an older checkpoint is replaced.
    state : dict
        Tensors, numbers, strings, lists and dicts.

    Raises
    ------
    InputError
        If the disk is full; an older checkpoint remains.
    """
    with atomic_write(path) as temporary:
        try:
            torch.save(state, temporary)
        except RuntimeError as error:  # torch does not pass on that of the disk
            raise InputError(
                f"{path} cannot be written; the disk is probably full: free space and "
                "run again, the training goes on from its last checkpoint"
            ) from error


def load_checkpoint(path: Path) -> dict | None:
    """Return the saved state, or None if there is none that can be read.

    Only plain data is loaded (``weights_only``): a file made to run code on
    load is refused. A damaged checkpoint costs the steps since the start, not
    the run, so it is reported and left out.
    """
    if not path.exists():
        return None
    try:
        _verify(path)
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as why:  # torch raises many kinds on damaged files
        log.warning("checkpoint %s cannot be read (%s); starting over", path, why)
        return None


def remove_checkpoint(folder: Path) -> None:
    """Remove what a finished training no longer needs; its snapshots stay."""
    with contextlib.suppress(OSError):  # left, it costs space alone
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()
        for emptied in (folder, folder.parent):
            emptied.rmdir()


def _verify(path: Path) -> None:
    """Raise an error unless all checksums hold, which torch itself ignores."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"the checksum of {damaged} is wrong")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a checkpoint folder to this process.

    The claim ends with the process, however it ends. Where file locks do not work
    there is none.

    Parameters
    ----------
    folder : Path
        Made if it is missing.

    Raises
    ------
    InputError
        If another process trains there, or on Windows.
    """
    try:
        import fcntl
    except ImportError as error:
        raise InputError(
            f"a training locks files, which {sys.platform} has not, expected Linux or "
            "macOS; on Windows, run it in WSL"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "claim").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{folder} belongs to a training of the same model that is still "
                "running; wait for its end, or stop it"
            ) from error
        except OSError as error:
            log.warning("%s cannot be kept from other processes: %s", folder, error)
        yield
