import os
import sys

import numpy as np
import pytest
import torch

from unet2015.errors import InputError
from unet2015.training.checkpoints import (
    fingerprint,
    load_checkpoint,
    locked,
    save_checkpoint,
)

STATE = {"model": {"w": torch.arange(6.0)}, "step": 3, "history": [[1, 0.5]]}


def test_round_trip(tmp_path):
    save_checkpoint(tmp_path / "a" / "state.pt", STATE)
    found = load_checkpoint(tmp_path / "a" / "state.pt")
    assert torch.equal(found["model"]["w"], STATE["model"]["w"])
    assert (found["step"], found["history"]) == (3, [[1, 0.5]])


def test_no_checkpoint_is_no_state(tmp_path, caplog):
    assert load_checkpoint(tmp_path / "state.pt") is None
    assert not caplog.records


def damaged(content):
    """Give truncated, altered and foreign contents."""
    rng = np.random.default_rng(0)
    yield from (content[:length] for length in range(0, len(content), 211))
    for _ in range(100):  # the first bytes decide how the file is read
        yield rng.bytes(30) + content[30:]
        yield b"\x80\x02" + rng.bytes(30)
    yield b"<html>" + content


def test_damaged_checkpoint_is_reported_and_left_out(tmp_path, caplog):
    path = tmp_path / "state.pt"
    save_checkpoint(path, STATE)
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        caplog.clear()
        assert load_checkpoint(path) is None
        assert f"checkpoint {path} cannot be read" in caplog.text
        assert "starting over" in caplog.text


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_code_in_a_checkpoint_does_not_run(tmp_path, caplog):
    torch.save({"model": Trap(tmp_path / "sprung")}, tmp_path / "state.pt")
    assert load_checkpoint(tmp_path / "state.pt") is None
    assert "cannot be read" in caplog.text
    assert not (tmp_path / "sprung").exists()


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "images.npy", tmp_path / "train.py"]
    for path in paths:
        path.write_text(path.name)
    return paths


def test_fingerprint_depends_on_content_alone(files):
    name = fingerprint({"a": 1, "b": 2}, files)
    files[0].touch()
    assert fingerprint({"b": 2, "a": 1}, files) == name
    assert len(name) == 16
    copies = [path.rename(path.with_suffix(".copy")) for path in files]
    assert fingerprint({"a": 1, "b": 2}, copies) == name


def test_fingerprint_changes_with_settings_data_and_code(files):
    names = [fingerprint({"rate": 1e-3}, files), fingerprint({"rate": 1e-4}, files)]
    names.append(fingerprint({"rate": 1e-3}, files[::-1]))
    names.append(fingerprint({"rate": 1e-3}, files[:1]))
    for path in files:
        path.write_text("changed " + path.name)
        names.append(fingerprint({"rate": 1e-3}, files))
    assert len(set(names)) == 6


def test_windows_is_named_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(sys, "platform", "win32")
    with (
        pytest.raises(InputError, match=r"which win32 has not.*run it in WSL"),
        locked(tmp_path / "checkpoints"),
    ):
        pass
