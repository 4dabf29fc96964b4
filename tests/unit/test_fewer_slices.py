"""Samples come from as many training slices as the settings say."""

import json

import numpy as np
import pytest

import augment
from unet2015.stacks import write_stack

SETTINGS = {
    "samples": 12, "slices": 2, "side": 16, "rotate": False, "flip": False,
    "scale": 0, "shift": 0, "grid": 3, "std": 0, "gain": 0, "offset": 0, "noise": 0,
    "online": False,
}  # fmt: skip


@pytest.mark.xfail(strict=True, reason="augmentation.slices does not reach augment.py")
def test_stored_samples_come_from_the_chosen_slices(tmp_path, monkeypatch):
    labels = np.full((6, 32, 32), 255, dtype=np.uint8)
    labels[:, 15:17] = 0
    levels = np.arange(6, dtype=np.uint8)[:, None, None] * 10 + 5
    write_stack(tmp_path / "volume.tif", np.broadcast_to(levels, labels.shape).copy())
    write_stack(tmp_path / "labels.tif", labels)
    split = {"train": {"slices": [0, 1, 2, 3, 4, 5]}}
    (tmp_path / "split.json").write_text(json.dumps(split))
    (tmp_path / "settings.json").write_text(json.dumps(SETTINGS))
    options = {"volume": "volume.tif", "labels": "labels.tif", "split": "split.json"}
    options |= {"settings": "settings.json", "images": "images.npy"}
    options |= {"sample-labels": "truth.npy"}
    command = [f"--{name}={tmp_path / file}" for name, file in options.items()]
    monkeypatch.setattr("sys.argv", ["augment.py", *command])
    augment.main()
    found = np.unique(np.load(tmp_path / "images.npy"))
    assert found.tolist() == [15, 45]  # slices 1 and 4
