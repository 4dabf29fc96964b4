"""Files that appear whole or not at all."""

import contextlib
import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there on success.

    The file is flushed to the disk before it takes the final name; after an
    exception it is deleted and an older `path` stays as it was. What a killed
    process left of an earlier try is deleted first.

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
    OSError
        If the disk is full or the folder cannot be written; it names `path`.
    """
    path = Path(path)
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _delete_leftovers(path)
        with _locked_file(path) as temporary:
            try:
                yield temporary
                with temporary.open("rb+") as file:
                    os.fsync(file.fileno())
                temporary.chmod(0o666 & ~_umask())
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)


def write_text(path: Path | str, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let errors of the operating system name `path`, not what stands for it."""
    try:
        yield
    except OSError as error:
        shown = error.filename
        if error.errno and (shown is None or Path(str(shown)).match(_pattern(path))):
            error.filename, error.filename2 = str(path), None
        raise


def _pattern(path: Path) -> str:
    """Return what the names of the temporary files of `path` look like."""
    return f".{glob.escape(path.name)}.*.unfinished{glob.escape(path.suffix)}"


@contextlib.contextmanager
def _locked_file(path: Path) -> Iterator[Path]:
    """Make a temporary file that is locked as long as this process writes it."""
    while True:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=f".unfinished{path.suffix}"
        )
        if _lock(handle, fcntl.LOCK_EX) and not Path(name).exists():
            os.close(handle)  # deleted as a leftover before it was locked
            continue
        break
    try:
        yield Path(name)
    finally:
        os.close(handle)


def _delete_leftovers(path: Path) -> None:
    """Delete temporary files of `path` that nobody writes any more.

    The lock of a process ends with it, however it ends.
    """
    for leftover in path.parent.glob(_pattern(path)):
        with contextlib.suppress(OSError), leftover.open("rb") as file:
            if _lock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB):
                leftover.unlink(missing_ok=True)


def _lock(handle: int, operation: int) -> bool:
    """Lock an open file; False if another process has it or locks do not work."""
    try:
        fcntl.flock(handle, operation)
    except OSError:
        return False
    return True


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
