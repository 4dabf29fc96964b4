"""What SLURM knows of the jobs of a folder, without accounting."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SCRIPT = Path(__file__).with_name("slurm.sh")
DEVICES = Path("/var/lib/unet2015-slurm/devices")
GPUS = 2


class UnavailableError(Exception):
    """SLURM cannot be had here; says why."""


@dataclass(frozen=True)
class Job:
    """A job; times in local time, the end None while it runs."""

    number: int
    name: str
    comment: str
    state: str
    start: datetime | None
    end: datetime | None

    @property
    def seed(self) -> int:
        """The seed of a training that the SLURM profile submitted."""
        return int(self.comment.rsplit("_", 1)[1])

    def overlaps(self, other: "Job") -> bool:
        """Return whether there was a time when both ran."""
        return self.start < other.end and other.start < self.end


def control(command: str) -> str:
    """Call slurm.sh as root and return what it prints."""
    sudo = ["sudo", "-n"] if os.geteuid() else []
    try:
        run = subprocess.run(
            [*sudo, "env", f"GPUS={GPUS}", "bash", str(SCRIPT), command],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"slurm.sh {command}: {error}") from error
    if run.returncode:
        raise UnavailableError(f"slurm.sh {command}: {run.stderr.strip()[-500:]}")
    return run.stdout


def version() -> str:
    """Return SLURM's version."""
    return call("sinfo", "--version").split()[-1]


def jobs(folder: Path, rule: str | None = None) -> list[Job]:
    """Return the jobs submitted in a folder, oldest first, of one rule if named."""
    lines = call("scontrol", "show", "job", "--oneliner").splitlines()
    found = [parse(line) for line in lines if f" WorkDir={folder} " in f"{line} "]
    return sorted(
        (job for job in found if rule is None or rule_of(job) == rule),
        key=lambda job: job.number,
    )


def running(folder: Path) -> list[Job]:
    """Return the jobs of a folder that have not ended."""
    active = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING")
    return [job for job in jobs(folder) if job.state in active]


def rule_of(job: Job) -> str:
    """Return the rule of a job; the profiles state it in different places."""
    found = re.match("rule_(.+)_wildcards_", job.comment)
    return found[1] if found else job.name


def parse(line: str) -> Job:
    """Read a line of scontrol."""
    fields = dict(re.findall(r"(\w+)=(\S*)", line))
    return Job(
        int(fields["JobId"]),
        fields["JobName"],
        fields.get("Comment", ""),
        fields["JobState"],
        time_of(fields["StartTime"]),
        time_of(fields["EndTime"]),
    )


def time_of(text: str) -> datetime | None:
    """Read a time; there is none before it has come."""
    return None if text in ("Unknown", "N/A") else datetime.fromisoformat(text)


def device(job: Job) -> str:
    """Return CUDA_VISIBLE_DEVICES of a job."""
    rows = [line.split(" ") for line in DEVICES.read_text().splitlines()]
    seen = {value for number, value in rows if number == str(job.number)}
    assert len(seen) == 1, f"job {job.number} saw {seen}"
    return seen.pop()


def cancel(numbers: list[int]) -> None:
    """Cancel jobs."""
    if numbers:
        call("scancel", *map(str, numbers))


def call(*command: str) -> str:
    """Run a command and return what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
