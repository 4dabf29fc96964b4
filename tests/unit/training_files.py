"""The files of a tiny training: slices, samples drawn from them, settings."""

import json

import numpy as np
from scipy import ndimage

import augment
import train
import training_statistics
import weight_maps
from unet2015 import cli
from unet2015.data.tiff import write_stack
from unet2015.settings import defaults

NETWORK = defaults("network") | {
    "width": 2,
    "depth": 1,
    "padding": "same",
    "norm": "batch",
}
TRAINING = defaults("training") | {
    "optimiser": "adamw",
    "learning_rate": 1e-2,
    "schedule": "linear",
    "warmup": 0.2,
    "momentum": 0.9,
    "weight_decay": 1e-2,
    "max_grad_norm": 1.0,
    "weight_average": 0.9,
    "batch": 2,
    "steps": 6,
    "precision": "float32",
}
AUGMENTATION = defaults("augmentation") | {
    "samples": 5,
    "side": 16,
    "flip": True,
    "scale": 0.1,
    "shift": 3.0,
    "displacement_std": 2.0,
    "contrast": 0.1,
    "brightness": 10.0,
    "noise": 5.0,
}
WEIGHTS = {"w0": 10.0, "sigma": 3.0, "class_balance": True}
INFERENCE = defaults("inference") | {
    "test_time_augmentation": "none",
    "precision": "float32",
}
DEFAULTS = {
    "network": NETWORK,
    "training": TRAINING,
    "augmentation": AUGMENTATION,
    "weights": WEIGHTS,
}
STORED = {f"sample-{n}": f"{n}.npy" for n in ("images", "labels", "weights")}
DRAWN = {
    "volume": "volume.tif",
    "labels": "truth.tif",
    "split": "split.json",
    "augmentation": "augmentation.json",
    "weights": "weights.json",
}
SETTINGS = {n: f"{n}.json" for n in ("statistics", "network", "training")}
OUTPUTS = ["model", "card", "history", "run"]


def call(program, files, *options):
    """Run a program's main with some files as arguments."""
    arguments = [f"--{name}={path}" for name, path in files.items()]
    program.main([*arguments, *options])


def status_of(program, *words):
    """Run a program as the command line does; return its exit status."""
    try:
        cli.run(lambda: program.main([*words]))
    except SystemExit as stopped:
        return stopped.code
    return 0


def write_slices(folder):
    """Write three slices and their labels, a split and its statistics."""
    noise = np.random.default_rng(0).standard_normal((3, 28, 30))
    cells = ndimage.gaussian_filter(noise, (0, 2, 2)) > -0.04
    volume = np.clip(90 + 80 * cells + 20 * noise, 0, 255).astype(np.uint8)
    write_stack(folder / "volume.tif", volume)
    write_stack(folder / "truth.tif", np.where(cells, 255, 0).astype(np.uint8))
    split = {"train": {"stack": "train", "slices": [2, 0]}}
    (folder / "split.json").write_text(json.dumps(split))
    files = {"volume": "volume.tif", "labels": "truth.tif", "split": "split.json"}
    files = {**files, "output": "statistics.json"}
    call(training_statistics, {name: folder / path for name, path in files.items()})


def write_settings(folder, **changes):
    """Write the settings of some stages; each argument changes the defaults."""
    for stage, changed in changes.items():
        text = json.dumps({**DEFAULTS[stage], **changed})
        (folder / f"{stage}.json").write_text(text)


def store_samples(folder, seed=0):
    """Materialise the samples of a stream as the workflow does."""
    files = {"volume": "volume.tif", "labels": "truth.tif", "split": "split.json"}
    files |= {"augmentation": "augmentation.json", "sample-images": "images.npy"}
    files |= {"sample-labels": "labels.npy"}
    call(augment, {n: folder / path for n, path in files.items()}, f"--seed={seed}")
    files = {"labels": "labels.npy", "weights": "weights.json"}
    files |= {"statistics": "statistics.json", "output": "weights.npy"}
    call(weight_maps, {name: folder / path for name, path in files.items()})


def training_files(folder, on_the_fly):
    """Return the files of train.py by argument."""
    files = {**(DRAWN if on_the_fly else STORED), **SETTINGS}
    files |= {name: name for name in OUTPUTS} | {"checkpoints": "checkpoints"}
    return {name: folder / path for name, path in files.items()}


def cut_off(monkeypatch, after):
    """Let reading fail like a killed program after some batches."""

    def failing(source, step, *rest):
        if step >= after:
            raise KeyboardInterrupt
        return original(source, step, *rest)

    original = train.read_batch
    monkeypatch.setattr(train, "read_batch", failing)
