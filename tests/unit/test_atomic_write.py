import contextlib
import errno
import os
import stat

import numpy as np
import pytest
import tifffile

from unet2015.atomic_write import atomic_folder, atomic_write, write_text
from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError


@pytest.fixture(params=["new", "old"])
def path(request, tmp_path):
    """Return a path in a folder that holds nothing, or an older version of it."""
    path = tmp_path / "out.txt"
    if request.param == "old":
        path.write_text("old")
    return path


def test_file_appears_whole(path):
    with atomic_write(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == path.suffix
        temporary.write_text("half")
        assert not path.exists() or path.read_text() == "old"
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_failure_leaves_things_as_they_were(path, failure):
    before = {file: file.read_text() for file in path.parent.iterdir()}

    def write():
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise failure

    with pytest.raises(failure):
        write()
    assert {file: file.read_text() for file in path.parent.iterdir()} == before


def test_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    old = np.full((1, 4, 4), 7, dtype=np.uint8)
    write_stack(tmp_path / "stack.tif", old)

    def full(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tifffile, "imwrite", full)
    with pytest.raises(OSError, match="No space left"):
        write_stack(tmp_path / "stack.tif", old + 1)
    assert [file.name for file in tmp_path.iterdir()] == ["stack.tif"]
    np.testing.assert_array_equal(read_stack(tmp_path / "stack.tif"), old)


def test_disk_that_fills_up_on_the_way_out_leaves_the_old_file(path, monkeypatch):
    before = {file: file.read_text() for file in path.parent.iterdir()}

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert {file: file.read_text() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_mode_follows_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "a", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_missing_folders_are_made_and_text_is_utf8(tmp_path):
    write_text(tmp_path / "a" / "b" / "c.txt", "σ = 5 px")
    assert (tmp_path / "a/b/c.txt").read_bytes() == "σ = 5 px".encode()


def test_device_is_refused_and_stays(tmp_path):
    os.mkfifo(tmp_path / "a")
    with pytest.raises(InputError, match=r"a is a device, expected a file to write"):
        write_text(tmp_path / "a", "text")
    assert (tmp_path / "a").is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_folders_that_cannot_flush_or_change_modes_are_written(path, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    for name in ("fsync", "chmod", "fchmod"):
        monkeypatch.setattr(os, name, refuse)
    write_text(path, "new")
    assert path.read_text() == "new"


@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("older", [True, False])
def test_folder_appears_whole_or_not_at_all(tmp_path, older, failure):
    path = tmp_path / "out.zarr"
    if older:
        path.mkdir()
        (path / "a").write_text("old")
    left = path.with_name(".out.zarr.unfinished")
    left.mkdir()  # by a killed process
    (left / "b").write_text("half")
    with contextlib.suppress(failure or ()), atomic_folder(path) as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep/c").write_text("new")
        assert path.exists() == older
        if failure:
            raise failure
    found = {file.name: file.read_text() for file in tmp_path.rglob("?")}
    assert found == (
        {"a": "old"} if failure and older else {} if failure else {"c": "new"}
    )
    assert {*tmp_path.iterdir()} <= {path}
