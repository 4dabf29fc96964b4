import stat
import zipfile

import pytest
from tiny_data import zip_bytes

from unet2015.data.archives import unpack
from unet2015.errors import InputError


@pytest.fixture
def pack(tmp_path):
    """Write a zip archive; return it and an empty folder."""

    def write(members):
        archive = tmp_path / "a.zip"
        archive.write_bytes(
            members if isinstance(members, bytes) else zip_bytes(members)
        )
        folder = tmp_path / "out"
        folder.mkdir()
        return archive, folder

    return write


def member(name, mode=stat.S_IFREG | 0o644):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def written(tmp_path):
    """List what lies around the archive."""
    return sorted(
        str(path.relative_to(tmp_path))
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "a.zip"
    )


@pytest.mark.parametrize("path", ["x.tif", "deep/er/x.tif", "deep\\er\\x.tif"])
def test_files_are_found_by_base_name(pack, tmp_path, path):
    archive, folder = pack({path: b"data", "deep/other.tif": b"no", "x.tif/": b""})
    assert unpack(archive, ["x.tif", "absent.tif"], folder) == {
        "x.tif": folder / "x.tif"
    }
    assert (folder / "x.tif").read_bytes() == b"data"
    assert written(tmp_path) == ["out/x.tif"]


def test_resource_forks_are_not_mistaken_for_files(pack):
    archive, folder = pack({"a/x.tif": b"data", "__MACOSX/a/._x.tif": b"fork"})
    assert unpack(archive, ["x.tif"], folder)["x.tif"].read_bytes() == b"data"


@pytest.mark.parametrize(
    "path",
    ["../evil.tif", "a/../../x.tif", "/x.tif", "/etc/evil", "..\\x.tif", "C:\\x.tif"],
)
def test_paths_that_leave_the_archive_are_refused(pack, tmp_path, path):
    archive, folder = pack({path: b"evil", "a/x.tif": b"good"})
    with pytest.raises(InputError, match="the archive holds the path"):
        unpack(archive, ["x.tif"], folder)
    assert written(tmp_path) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(pack, tmp_path, kind):
    archive, folder = pack(zip_bytes({member("x.tif", kind | 0o777): b"/etc/passwd"}))
    with pytest.raises(InputError, match="is a link or a device"):
        unpack(archive, ["x.tif"], folder)
    assert written(tmp_path) == []


def test_a_bomb_is_refused_by_its_declared_size(pack, tmp_path):
    archive, folder = pack({"x.tif": bytes(1001)})
    with pytest.raises(InputError, match=r"takes 1001 bytes unpacked, .*at most 1000"):
        unpack(archive, ["x.tif"], folder, max_bytes=1000)
    assert written(tmp_path) == []


def test_a_file_of_just_the_largest_size_is_accepted(pack):
    archive, folder = pack({"x.tif": bytes(1000)})
    assert unpack(archive, ["x.tif"], folder, max_bytes=1000)


def test_a_bomb_that_lies_about_its_size_is_refused(pack):
    content = zip_bytes({"x.tif": bytes(10**6)})
    truth, lie = (10**6).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(truth) == 2
    archive, folder = pack(content.replace(truth, lie))
    with pytest.raises(InputError):
        unpack(archive, ["x.tif"], folder, max_bytes=1000)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 1000


def test_unpacked_bytes_are_counted(pack, monkeypatch):
    archive, folder = pack({"x.tif": bytes(1001)})
    monkeypatch.setattr("unet2015.data.archives._check", lambda *_: None)
    with pytest.raises(InputError, match="at most 1000"):
        unpack(archive, ["x.tif"], folder, max_bytes=1000)
    assert (folder / "x.tif").stat().st_size == 0


def test_a_file_that_occurs_twice_is_refused(pack):
    archive, folder = pack({"a/x.tif": b"one", "b/x.tif": b"two"})
    with pytest.raises(InputError, match=r"'a/x\.tif' and 'b/x\.tif'"):
        unpack(archive, ["x.tif"], folder)


def test_an_encrypted_file_is_refused(pack):
    content = bytearray(zip_bytes({"x.tif": b"data"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # flags of the central directory
    archive, folder = pack(bytes(content))
    with pytest.raises(InputError, match="is encrypted"):
        unpack(archive, ["x.tif"], folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"<!DOCTYPE html><title>Sorry</title>",
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"0123456789", b"0123456780"),
    ],
    ids=["error page", "empty", "truncated", "flipped byte"],
)
def test_a_damaged_archive_is_refused(pack, tmp_path, damage):
    archive = tmp_path / "stored.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x.tif", b"0123456789" * 10)
    archive, folder = pack(damage(archive.read_bytes()))
    with pytest.raises(InputError, match="cannot be read as a zip archive"):
        unpack(archive, ["x.tif"], folder)
