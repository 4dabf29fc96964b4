"""Take single files out of a zip archive that nobody has vouched for."""

import contextlib
import stat
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from unet2015.errors import InputError

MAX_BYTES = 64 * 2**20
"""Bound on one unpacked file; a stack of the challenge takes 7.5 MiB."""

ENCRYPTED = 0x1
CHUNK = 2**20


def unpack(
    archive: Path, wanted: Collection[str], folder: Path, max_bytes: int = MAX_BYTES
) -> dict[str, Path]:
    """Unpack the wanted files of a zip archive into one flat folder.

    Files are found by base name, under whatever folder of the archive, and
    written under that base name: no path in the archive is ever followed.

    Parameters
    ----------
    archive : Path
        The zip file.
    wanted : collection of str
        Base names. Other members are not read.
    folder : Path
        Existing folder for the files.
    max_bytes : int
        Largest file to accept, bytes, as declared and as unpacked.

    Returns
    -------
    dict of str to Path
        The files by base name; a name that the archive lacks is left out.

    Raises
    ------
    InputError
        If the archive is damaged, holds an absolute path or ``..``, or holds a
        wanted member twice, as a link, encrypted or too large.
    """
    with contextlib.ExitStack() as files:
        with _reading(archive):
            file = files.enter_context(zipfile.ZipFile(archive))
        members = _find(file, wanted)
        for info in members.values():
            _check(info, max_bytes)
        return {
            name: _copy(_chunks(file, info, archive), info, folder / name, max_bytes)
            for name, info in members.items()
        }


@contextlib.contextmanager
def _reading(archive: Path) -> Iterator[None]:
    """Turn whatever a damaged archive raises into one error."""
    try:
        yield
    except Exception as error:  # zipfile raises many kinds, OSError among them
        raise InputError(
            f"{archive} cannot be read as a zip archive ({error}); "
            "the file is damaged or of another format: fetch it again"
        ) from error


def _chunks(
    file: zipfile.ZipFile, info: zipfile.ZipInfo, archive: Path
) -> Iterator[bytes]:
    """Give the content of one member piece by piece."""
    with _reading(archive), file.open(info) as packed:
        while chunk := packed.read(CHUNK):
            yield chunk


def _find(file: zipfile.ZipFile, wanted: Collection[str]) -> dict[str, zipfile.ZipInfo]:
    """Return the members with a wanted base name; look at every path."""
    found = {}
    for info in file.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(path).drive or ".." in path.parts:
            raise InputError(
                f"the archive holds the path {info.filename!r}, expected paths inside "
                "it; it is broken or hostile: use another copy"
            )
        if path.name not in wanted or info.is_dir():
            continue
        if path.name in found:
            raise InputError(
                f"the archive holds {path.name} twice, as "
                f"{found[path.name].filename!r} and {info.filename!r}; remove one"
            )
        found[path.name] = info
    return found


def _check(info: zipfile.ZipInfo, max_bytes: int) -> None:
    """Refuse what is no plain file of the declared size or less."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):  # 0: made on a system without file modes
        raise InputError(
            f"{info.filename!r} in the archive is a link or a device, expected a "
            "plain file; use another copy"
        )
    if info.file_size > max_bytes:
        raise _too_large(info, f"{info.file_size} bytes", max_bytes)
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if info.flag_bits & ENCRYPTED or not plain:
        raise InputError(
            f"{info.filename!r} in the archive is encrypted or packed by method "
            f"{info.compress_type}, expected stored or deflated; pack it again"
        )


def _copy(
    chunks: Iterator[bytes], info: zipfile.ZipInfo, path: Path, max_bytes: int
) -> Path:
    """Unpack one member, counting the bytes: the declared size may be a lie."""
    size = 0
    with path.open("wb") as plain:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(info, f"more than {size} bytes", max_bytes)
            plain.write(chunk)
    return path


def _too_large(info: zipfile.ZipInfo, size: str, max_bytes: int) -> InputError:
    """Return the error for a member that would fill the disk."""
    return InputError(
        f"{info.filename!r} in the archive takes {size} unpacked, expected at most "
        f"{max_bytes}; it is broken or hostile: use another copy"
    )
