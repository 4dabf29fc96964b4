"""Files and folders that appear whole or not at all."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from unet2015.errors import InputError


@contextlib.contextmanager
def atomic_write(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there on success.

    The file is flushed to the disk before it takes the final name; after an
    exception it is deleted and an older `path` stays as it was. What a killed
    process left behind has the same name, and so is overwritten. Two processes
    must not write the same path at once.

    Parameters
    ----------
    path : Path or str
        The file to write. Missing parent folders are made.

    Yields
    ------
    Path
        An empty temporary file in the same folder, with the same suffix.

    Raises
    ------
    InputError
        If `path` is a device, such as /dev/null, which root would replace.
    OSError
        If the disk is full or the folder cannot be written.
    """
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"{path} is a device, expected a file to write; name one")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.unfinished{path.suffix}")
    try:
        temporary.write_bytes(b"")
        yield temporary
        with temporary.open("rb+") as file:
            _flush(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: Path | str) -> Iterator[Path]:
    """Give a temporary folder beside `path` and move it there on success.

    As :func:`atomic_write`, but for a folder of files.

    Parameters
    ----------
    path : Path or str
        The folder to write; an older one is replaced. Missing parents are made.

    Yields
    ------
    Path
        An empty temporary folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, older = (
        path.with_name(f".{path.name}.{word}") for word in ("unfinished", "older")
    )
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        for file in temporary.rglob("*"):
            with contextlib.ExitStack() as opened:
                if file.is_file():
                    _flush(opened.enter_context(file.open("rb+")).fileno())
        if path.exists():
            path.replace(older)
        temporary.replace(path)
    finally:
        if older.exists() and not path.exists():
            older.replace(path)
        for left in (temporary, older):
            shutil.rmtree(left, ignore_errors=True)


def _flush(descriptor: int) -> None:
    """Bring a file to the disk, where its file system knows how."""
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network and object stores do not
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise


def write_text(path: Path | str, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: object) -> None:
    """Write what JSON can hold to `path`, whole or not at all."""
    write_text(path, as_json(value))


def as_json(value: object) -> str:
    """Return `value` as the text of a JSON file."""
    return json.dumps(value, indent=2) + "\n"


def write_csv(path: Path | str, table, **options) -> None:
    """Write a pandas table without its index; `options` are those of ``to_csv``."""
    write_text(path, table.to_csv(index=False, lineterminator="\n", **options))
