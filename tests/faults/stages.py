"""The programs of the stages on tiny data, run as processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from unit.training_files import (
    DEFAULTS,
    INFERENCE,
    STORED,
    training_files,
    write_settings,
    write_slices,
)

ROOT = Path(__file__).parents[2]
PROGRAMS = ("augment", "weight_maps", "train", "predict", "evaluate", "phantom")
PROGRAMS += ("training_statistics", "table_scores", "import_stacks")
STEPS = 30


class End(NamedTuple):
    """How a program ended."""

    status: int  # exit status; negative: the signal that killed it
    messages: str


class Zygote:
    """Runs programs without waiting for their imports.

    Parameters
    ----------
    folder : Path
        For the messages of the programs.
    mount : Path, optional
        An empty folder that becomes a file system of its own, seen by the programs
        alone.
    size : str
        Its size, and further options of the mount.
    """

    def __init__(self, folder, mount=None, size=""):
        command = [sys.executable, ROOT / "tests/faults/zygote.py", *PROGRAMS]
        if mount:
            script = f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"'
            command = ["unshare", "-rm", "sh", "-c", script, mount, *command]
        self.messages = folder / "messages.txt"
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ROOT / "scripts", "OMP_NUM_THREADS": "1"},
            text=True,
        )

    @property
    def root(self):
        """The root folder that the programs see."""
        return Path(f"/proc/{self.process.pid}/root")

    def start(self, folder, program, *arguments, **order):
        """Start a program and return its process id."""
        order |= {"folder": str(folder), "program": program}
        order |= {"arguments": [*arguments], "messages": str(self.messages)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self):
        """Wait for the program."""
        status = os.waitstatus_to_exitcode(int(self.process.stdout.readline()))
        return End(status, self.messages.read_text())

    def run(self, folder, program, *arguments, **order):
        """Run a program to its end."""
        self.start(folder, program, *arguments, **order)
        return self.end()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def make_inputs(folder):
    """Write what the first stage needs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_slices(folder)
    split = {"train": {"slices": [2, 0]}, "score": {"slices": [0, 1, 2]}}
    (folder / "split.json").write_text(json.dumps(split))
    write_settings(folder, **{stage: {} for stage in DEFAULTS})
    write_settings(folder, training={"steps": STEPS, "precision": "auto"})
    settings = {"seed": 0, "slices": 2, "side": 64, "contrast": 1, "noise": 0}
    (folder / "phantom.json").write_text(json.dumps(settings))
    stacks = {name: f"data/{name}.tif" for name in DATA}
    (folder / "stacks.json").write_text(json.dumps(stacks))
    run = {"dataset": "tiny", "split": "test", "experiment": "unet", "seed": 0}
    (folder / "runs.json").write_text(json.dumps([{**run, "scores": "scores.csv"}]))
    inference = INFERENCE | {"memory": 1.0, "precision": "auto"}
    (folder / "inference.json").write_text(json.dumps(inference))


def options(**files):
    """Return command-line options for files, and the rest as it is."""
    return [f"--{name.replace('_', '-')}={path}" for name, path in files.items()]


DATA = ("train-volume", "train-labels", "test-volume", "test-labels")


def commands(out="."):
    """Return each stage's program, options without outputs, and outputs by option."""
    slices = options(volume="volume.tif", labels="truth.tif", split="split.json")
    samples = {name: f"{name}.npy" for name in ("images", "labels", "weights")}
    data = {name.replace("-", "_"): f"data/{name}.tif" for name in DATA}
    data["provenance"] = "data/provenance.json"
    own = {name: path.replace("data/", "own/") for name, path in data.items()}
    training = training_files(Path(), on_the_fly=False)
    inputs = (*STORED, "statistics", "network", "training")
    stages = {
        "phantom": (options(settings="phantom.json"), data),
        "import_stacks": (options(settings="stacks.json"), own),
        "augment": (
            [*slices, *options(augmentation="augmentation.json")],
            {f"sample_{name}": samples[name] for name in ("images", "labels")},
        ),
        "weight_maps": (
            options(
                labels="labels.npy",
                weights="weights.json",
                statistics="statistics.json",
            ),
            {"output": "weights.npy"},
        ),
        "train": (
            [
                *options(**{name: training[name] for name in inputs}),
                "--checkpoint-seconds=-1",
                "--threads=1",
                "--device=cpu",
                "--checkpoints=checkpoints",
            ],
            {
                "model": "model.safetensors",
                "card": "model.json",
                "history": "history.csv",
                "run": "run.json",
            },
        ),
        "predict": (
            [
                *options(model="model.safetensors", card="model.json"),
                *options(volume="volume.tif", split="split.json"),
                *options(inference="inference.json", device="cpu", threads=1),
            ],
            {"output": "probability.tif"},
        ),
        "evaluate": (
            options(
                labels="truth.tif",
                probability="probability.tif",
                split="split.json",
                threads=1,
            ),
            {"output": "scores.json", "scores": "scores.csv"},
        ),
        "table_scores": (
            options(runs="runs.json"),
            {"output": "tidy.csv"},
        ),
    }
    return {
        stage: (given, {name: str(Path(out) / path) for name, path in made.items()})
        for stage, (given, made) in stages.items()
    }


def result(path):
    """Return what must be reproduced of a file: all but the times that it records."""
    if path.name == "history.csv":
        rows = [line.split(",") for line in path.read_text().splitlines()]
        return [[row[0], *row[2:]] for row in rows]
    if path.suffix == ".json":
        return without_times(json.loads(path.read_text()))
    return path.read_bytes()


def without_times(value):
    """Return JSON without entries called seconds."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k != "seconds"}
    return value


def results(folder):
    """Return what must be reproduced of all files of a folder, by relative path."""
    return {
        str(path.relative_to(folder)): result(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_all(zygote, folder, stages=None):
    """Run the stages in their order."""
    for stage, (given, made) in commands().items():
        if stages is None or stage in stages:
            end = zygote.run(folder, stage, *given, *options(**made))
            assert end.status == 0, f"{stage}: {end.messages}"


def copy(folder, other):
    """Copy a folder, to be spoilt."""
    return Path(shutil.copytree(folder, other))
