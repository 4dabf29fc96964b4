"""Hashes of files that are read again only when something speaks for it."""

import os

import pytest

from unet2015.atomic_write import write_json
from unet2015.data import fingerprints as module
from unet2015.data.fingerprints import fingerprints


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "raw.tif"
    path.write_bytes(b"pixels")
    return path


@pytest.fixture
def record(tmp_path):
    return tmp_path / "fingerprints.json"


def sha256(path, record):
    return fingerprints([str(path)], record)[str(path)]["sha256"]


def test_content_decides_and_not_the_time(file, record):
    first = sha256(file, record)
    os.utime(file, (1, 1))
    assert sha256(file, record) == first
    other = file.with_name("other.tif")
    other.write_bytes(b"others")
    os.utime(other, (0, 0))  # older than what it replaces
    other.replace(file)
    assert sha256(file, record) != first


def test_an_unchanged_file_is_not_read_again(file, record, monkeypatch):
    found = fingerprints([str(file)], record)
    write_json(record, found)
    monkeypatch.setattr(module.hashlib, "file_digest", None)
    assert fingerprints([str(file)], record) == found


def test_a_same_size_and_time_do_not_deceive(file, record):
    write_json(record, fingerprints([str(file)], record))
    first, time = sha256(file, record), file.stat().st_mtime_ns
    other = file.with_name("other.tif")
    other.write_bytes(b"PIXELS")
    os.utime(other, ns=(time, time))
    other.replace(file)
    assert sha256(file, record) != first


def test_a_folder_is_all_its_files(tmp_path, record):
    folder = tmp_path / "slices"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.png").write_bytes(bytes([number]))
    first = sha256(folder, record)
    (folder / "3.png").write_bytes(b"3")
    assert sha256(folder, record) != first


def test_in_a_folder_the_order_and_nothing_but_the_slices_counts(tmp_path, record):
    folder = tmp_path / "slices"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"{number}.png").write_bytes(bytes([number]))
    first = sha256(folder, record)
    for name in ("notes.txt", ".DS_Store", "._1.png"):
        (folder / name).write_bytes(b"no slice")
    (folder / "1.png").touch()
    assert sha256(folder, record) == first
    (folder / "1.png").rename(folder / "15.png")  # 2, 3, 15; by name still the first
    assert sha256(folder, record) != first


def test_missing_files_are_left_to_those_who_need_them(tmp_path, record):
    assert fingerprints([str(tmp_path / "none.tif")], record) == {}


def test_all_files_of_an_ome_zarr_count(tmp_path, record):
    folder = tmp_path / "raw.ome.zarr"
    (folder / "0/1").mkdir(parents=True)
    (folder / ".zgroup").write_text("{}")
    (folder / "0/1/0").write_bytes(b"block")
    first = sha256(folder, record)
    (folder / "0/1/0").rename(folder / "0/1/1")
    second = sha256(folder, record)
    (folder / "0/1/1").write_bytes(b"other")
    assert len({first, second, sha256(folder, record)}) == 3
