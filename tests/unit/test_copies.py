import pytest
from tiny_data import zip_bytes

from unet2015.data.copies import AbsentError, unpack
from unet2015.errors import InputError


@pytest.fixture
def pack(tmp_path):
    """Write a zip archive and return its path."""

    def write(members):
        content = members if isinstance(members, bytes) else zip_bytes(members)
        (tmp_path / "a.zip").write_bytes(content)
        return tmp_path / "a.zip"

    return write


@pytest.mark.parametrize("path", ["x.tif", "deep/er/x.tif"])
def test_file_is_found_by_base_name(pack, path):
    archive = pack({path: b"data", "deep/other.tif": b"no", "x.tif/": b""})
    assert unpack(archive, "x.tif", "a.zip") == b"data"
    with pytest.raises(AbsentError, match=r"a\.zip has no member absent\.tif"):
        unpack(archive, "absent.tif", "a.zip")


def test_resource_fork_is_not_mistaken_for_the_file(pack):
    archive = pack({"__MACOSX/a/._x.tif": b"fork", "a/x.tif": b"data"})
    assert unpack(archive, "x.tif", "a.zip") == b"data"


def test_bomb_is_refused_by_its_declared_size(pack, monkeypatch):
    monkeypatch.setattr("unet2015.data.copies.MAX_BYTES", 1000)
    archive = pack({"x.tif": bytes(1001)})
    with pytest.raises(InputError, match=r"takes 1001 bytes unpacked, .*at most 1000"):
        unpack(archive, "x.tif", "a.zip")
    assert unpack(pack({"x.tif": bytes(1000)}), "x.tif", "a.zip") == bytes(1000)
