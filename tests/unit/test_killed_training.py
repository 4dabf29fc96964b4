"""train.py as a real process, killed without warning, and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from training_files import (
    DEFAULTS,
    call,
    store_samples,
    training_files,
    write_settings,
    write_slices,
)

import train

pytestmark = pytest.mark.slow

SCRIPTS = Path(train.__file__).parent
STEPS = 12
KILLED = """
import os, signal, sys
import torch
import train
from unet2015 import cli
from unet2015.training import trainer

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def at_step(step, settings, rate=trainer.learning_rate):
    if step == last:
        die()
    return rate(step, settings)

def while_writing(state, path, save=torch.save):
    save(state, path)
    if state["step"] == last:
        os.truncate(path, os.path.getsize(path) // 2)
        die()

place, last = sys.argv[1], int(sys.argv[2])
if place == "step":
    trainer.learning_rate = at_step
else:
    torch.save = while_writing
cli.run(lambda: train.main(sys.argv[3:]))
"""
OPTIONS = ["--device=cpu", "--threads=1", "--seed=4", "--checkpoint-seconds=-1"]

CASES = {
    "stored samples, momentum": (False, {"optimiser": "sgd", "weight_average": 0.0}),
    "drawn samples, AdamW, average": (True, {"weight_average": 0.8}),
}


@pytest.fixture(autouse=True)
def _undo_configuration():
    yield
    torch.use_deterministic_algorithms(False)


def kill(folder, on_the_fly, place, step):
    """Start train.py and let it be killed at a 0-based step; return its messages."""
    files = training_files(folder, on_the_fly)
    command = [sys.executable, "-c", KILLED, place, str(step)]
    arguments = [f"--{name}={path}" for name, path in files.items()]
    run = subprocess.run(
        [*command, *arguments, *OPTIONS],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    return run.stderr


@pytest.mark.parametrize("case", CASES)
def test_killed_training_ends_as_if_never_killed(tmp_path, case, caplog):
    on_the_fly, changes = CASES[case]
    write_slices(tmp_path)
    write_settings(tmp_path, **{stage: {} for stage in DEFAULTS})
    write_settings(tmp_path, training={**changes, "steps": STEPS})
    store_samples(tmp_path)
    files = training_files(tmp_path, on_the_fly)
    call(train, files, *OPTIONS)
    undisturbed = files["model"].read_bytes()
    files["model"].unlink()
    random = np.random.default_rng(list(CASES).index(case))
    first, second = sorted(random.choice(range(2, STEPS), 2, replace=False))
    kill(tmp_path, on_the_fly, "step", first)
    messages = kill(tmp_path, on_the_fly, "write", second)
    assert f"at step {first}" in messages
    assert not files["model"].exists()
    caplog.set_level("INFO")
    call(train, files, *OPTIONS)
    # The checkpoint that was being written does not count: the one before does.
    assert f"at step {second - 1}" in caplog.text
    assert files["model"].read_bytes() == undisturbed
