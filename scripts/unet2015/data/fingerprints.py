"""What files contain, as hashes that are not computed twice.

A file is hashed again only if its path, size, time or inode differ from what an earlier
record says. So a touched file costs a reading and changes nothing, and a file that was
replaced by an older one is seen.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from unet2015.data.ome_zarr import is_zarr
from unet2015.data.slice_files import images_in
from unet2015.settings import read_json


def fingerprints(paths: Iterable[str], record: Path) -> dict[str, dict]:
    """Return what each file, or folder of slices, contains.

    Parameters
    ----------
    paths : iterable of str
        Files and folders; those that are missing are left out. Of a folder, the names
        count too, as they order the slices.
    record : Path
        JSON of what an earlier call returned; need not exist.

    Returns
    -------
    dict of str to dict
        By path: `stamps` (path, size, time and inode of each file) and `sha256`.
    """
    known = read_json(record) if Path(record).is_file() else {}
    return {p: _fingerprint(p, known.get(p, {})) for p in paths if Path(p).exists()}


def _fingerprint(path: str, known: Mapping) -> dict:
    """Return the fingerprint of one path, the known one if nothing was touched."""
    folder = Path(path) if Path(path).is_dir() else None
    files = _files_in(folder) if folder else [Path(path)]
    files = [file for file in files if file.exists()]  # a link may lead nowhere
    stamps = []
    for file in files:
        found = file.stat()
        stamps.append([str(file), found.st_size, found.st_mtime_ns, found.st_ino])
    if known.get("stamps") == stamps:
        return dict(known)
    digest = hashlib.sha256()
    for file in files:
        digest.update(os.fsencode(file.relative_to(folder)) + b"/" if folder else b"")
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return {"stamps": stamps, "sha256": digest.hexdigest()}


def _files_in(folder: Path) -> list[Path]:
    """Return what counts in a folder: the slices, or all of an OME-Zarr."""
    if is_zarr(folder):
        return sorted(path for path in folder.rglob("*") if path.is_file())
    return images_in(folder)
