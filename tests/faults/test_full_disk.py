"""A disk that is full, in every stage: one clear line, and nothing is lost."""

import contextlib
import errno
import os
import shutil
import subprocess

import pytest

from faults.stages import Zygote, commands, options, result, results

STAGES = sorted(commands())
SIZE = "4096k"


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """Programs that see a small disk, and its folder."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here; only the limit is tested")
    zygote = Zygote(tmp_path_factory.mktemp("messages"), folder, SIZE)
    zygote.run(folder, "phantom", "--help")  # answers once the disk is there
    yield zygote, folder, zygote.root / folder.relative_to("/")
    zygote.close()


def clear(disk):
    """Remove what lies on the disk."""
    for old in disk.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def fill(folder, left=0):
    """Fill the disk but for some KiB."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        with contextlib.suppress(OSError):
            while filler.write(b"\1" * 4096):
                pass
        filler.truncate(max(filler.tell() - 1024 * left, 0))


def check(end, outputs, older):
    """Check the message, and that only the older outputs are there."""
    assert end.status == 1, end.messages
    lines = end.messages.splitlines()
    assert [line.startswith("error: ") for line in lines].count(True) == 1
    assert lines[-1].startswith("error: ")
    known = (*outputs, *(os.strerror(code) for code in (errno.ENOSPC, errno.EFBIG)))
    assert any(word in lines[-1] for word in known), lines[-1]
    assert "Traceback" not in end.messages
    assert "Logging error" not in end.messages
    for path, content in older.items():
        assert path.read_bytes() == content


def write_older(folder, made):
    """Write something older under the names of a stage's outputs."""
    older = {folder / path: f"older {path}".encode() for path in made.values()}
    for path, content in older.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return older


@pytest.mark.parametrize("stage", STAGES)
def test_full_disk(small_disk, undisturbed, tmp_path, stage):
    zygote, seen, disk = small_disk
    folder = tmp_path / "work"
    shutil.copytree(undisturbed, folder)
    given, made = commands(out=seen)[stage]
    files = {name: path.removeprefix(f"{seen}/") for name, path in made.items()}
    clear(disk)
    older = write_older(disk, files)
    before = sorted(path.name for path in disk.rglob("*"))
    fill(disk)
    command = (folder, stage, *given, *options(**made))
    end = zygote.run(*command)
    check(end, made.values(), {p: c for p, c in older.items() if p.exists()})
    (disk / "filler").unlink()
    assert sorted(path.name for path in disk.rglob("*")) == before
    end = zygote.run(*command)
    assert end.status == 0, end.messages
    for path in files.values():
        assert result(disk / path) == result(undisturbed / path)


def files_of(folder):
    """Return the files of a folder but for the claim on a checkpoint folder."""
    return {path for path in folder.rglob("*") if path.is_file()} - {
        *folder.glob("checkpoints/*/claim")
    }


@pytest.mark.parametrize("stage", STAGES)
def test_files_may_not_grow(zygote, undisturbed, tmp_path, stage):
    folder = tmp_path / "work"
    shutil.copytree(undisturbed, folder)
    given, made = commands()[stage]
    older = write_older(folder, made)
    before = files_of(folder)
    end = zygote.run(folder, stage, *given, *options(**made), bytes=400)
    check(end, [*made.values(), "state.pt"], older)
    assert files_of(folder) == before


def test_training_keeps_its_older_checkpoint(small_disk, undisturbed, tmp_path):
    zygote, seen, disk = small_disk
    clear(disk)
    folder = tmp_path / "work"
    shutil.copytree(undisturbed, folder)
    given, made = commands()["train"]
    for path in made.values():
        (folder / path).unlink()
    command = ["train", *given, *options(**made), f"--checkpoints={seen}"]
    zygote.run(folder, *command, die_at=14)  # in the fourth step, two files each
    (leftover,) = disk.rglob(".*")
    leftover.unlink()  # would make room
    fill(disk)
    end = zygote.run(folder, *command)
    assert (end.status, "state.pt" in end.messages) == (1, True), end.messages
    assert end.messages.splitlines()[-1].startswith("error: ")
    (disk / "filler").unlink()
    end = zygote.run(folder, *command)
    assert "at step 3" in end.messages
    assert results(folder) == results(undisturbed)
    assert not list(disk.iterdir())


def test_prediction_keeps_the_slices_that_fitted(small_disk, undisturbed, tmp_path):
    zygote, seen, disk = small_disk
    clear(disk)
    folder = tmp_path / "work"
    shutil.copytree(undisturbed, folder)
    given, made = commands(out=seen)["predict"]
    command = (folder, "predict", *given, *options(**made), f"--kept={seen}/kept")
    whole = (undisturbed / "probability.tif").stat().st_size
    fill(disk, 2 * whole // 1024 + 4)  # a slice twice, as it is kept and as written
    end = zygote.run(*command)
    check(end, [*made.values(), "kept"], {})
    done = [path.name for path in disk.glob("kept/*/*")]
    assert 1 <= len(done) <= 2
    assert sorted(path.name for path in disk.iterdir()) == ["filler", "kept"]
    (disk / "filler").unlink()
    end = zygote.run(*command)
    assert end.status == 0, end.messages
    assert result(disk / "probability.tif") == result(undisturbed / "probability.tif")
    assert [path.name for path in disk.iterdir()] == ["probability.tif"]
