"""Snakemake as the head of a cluster's jobs, in a copy of the project."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml
from waiting import wait_until
from workflow.project import copy_sources

STEPS = 100
"""Steps of a training, with a checkpoint after each."""

SEEDS = (0, 1)
LOG = "results/phantom/logs/train/test/demo_border_demo_demo/seed{}.log"
MODEL = "results/phantom/models/test/demo_border_demo_demo/seed{}/model.safetensors"
MODELS = [MODEL.format(seed) for seed in SEEDS]
HURRIED = ["--set-threads", "train=1", "--seconds-between-status-checks=2"]
CONFIGS = ["config/demo.yaml", "config/tiny.yaml", "config/extra.yaml"]


def make_project(folder: Path) -> Path:
    """Copy the project; trainings save a checkpoint after every step."""
    copy_sources(folder)
    rule = folder / "workflow/rules/train.smk"
    text = rule.read_text()
    assert text.count(" --threads {threads}") == 1
    rule.write_text(
        text.replace(" --threads {", " --checkpoint-seconds=-1 --threads {")
    )
    configure(folder, {})
    return folder


def configure(folder: Path, settings: dict) -> None:
    """Write what the project's config has beyond that of the tiny phantom."""
    run = {"seeds": list(SEEDS), **settings.pop("run", {})}
    extra = {"run": run, "training": {"demo": {"steps": STEPS}}, **settings}
    (folder / "config/extra.yaml").write_text(yaml.safe_dump(extra))


def copy_untrained(prepared: Path, folder: Path) -> Path:
    """Copy a project, times kept, and delete its trained networks."""
    shutil.copytree(prepared, folder)
    shutil.rmtree((folder / MODELS[0]).parents[1])
    return folder


class Head:
    """A running Snakemake.

    Parameters
    ----------
    folder : Path
        A project of :func:`make_project`.
    arguments : str
        Of Snakemake, beside the config.
    """

    def __init__(self, folder: Path, *arguments: str):
        self.folder = folder
        self.output = folder / f"head{len(list(folder.glob('head*')))}.txt"
        environment = {k: v for k, v in os.environ.items() if k != "UNET2015_MIRROR"}
        command = [sys.executable, "-m", "snakemake", *HURRIED]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, *arguments, "--configfile", *CONFIGS],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=heed_interrupts,
            )

    @property
    def text(self) -> str:
        """What has been printed so far."""
        return self.output.read_text()

    def wait(self, seconds: float = 400) -> int:
        """Wait for the end and return the exit status."""
        try:
            return self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def succeed(self, seconds: float = 400) -> "Head":
        """Wait for the end, which must be a good one."""
        assert self.wait(seconds) == 0, self.text
        return self

    def kill(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.wait(200)

    def hang(self, seed: int) -> None:
        """Stop a training after its first checkpoint, as if it waited for a disk."""
        process = self.until(lambda: training_process(self.folder, seed))
        os.kill(process, signal.SIGSTOP)

    def until(self, condition, seconds: float = 400):
        """Wait until a condition holds and return its value."""
        return wait_until(condition, seconds, self.process, lambda: self.text)


def heed_interrupts() -> None:
    """Undo what a shell does to jobs in its background, which ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def training_process(folder: Path, seed: int) -> int | None:
    """Return the id of a running training that has saved a checkpoint."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_text().split("\0")
            here = (path / "cwd").readlink() == folder
        except OSError:  # it has ended, or belongs to somebody else
            continue
        if here and "scripts/train.py" in words[1:2]:
            chosen = dict(itertools.pairwise(words))
            if chosen["--seed"] == str(seed) and claims_checkpoint(path):
                return int(path.name)
    return None


def claims_checkpoint(process: Path) -> bool:
    """Return whether a process keeps a folder in which there is a checkpoint."""
    try:
        files = [file.readlink() for file in (process / "fd").iterdir()]
    except OSError:
        return False
    claims = [file for file in files if file.name == "claim"]
    return any((file.parent / "state.pt").exists() for file in claims)


def resumed_at(folder: Path, seed: int) -> int:
    """Return the step at which the last try of a training went on."""
    text = (folder / LOG.format(seed)).read_text()
    found = re.search(r"resumed from \S+ at step (\d+)", text)
    assert found, f"seed {seed} started anew:\n{text}"
    return int(found[1])


def weights(folder: Path) -> list[bytes]:
    """Return the trained networks of all seeds."""
    return [(folder / model).read_bytes() for model in MODELS]
