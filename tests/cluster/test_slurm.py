"""The workflow on a real SLURM: devices, failures, interruptions, resumption."""

import os
import signal
import subprocess
import sys

import pytest
from waiting import wait_until

from cluster import slurm
from cluster.head import (
    LOG,
    MODELS,
    SEEDS,
    STEPS,
    configure,
    resumed_at,
    weights,
)

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def cancelled(started, untrained):
    """A folder where two GPUs trained side by side and one job was cancelled."""
    folder = untrained("cancelled")
    configure(folder, {"run": {"gpu": 1}})
    head = started(folder, *MODELS)
    head.hang(1)
    (job,) = [job for job in slurm.running(folder) if job.seed == 1]
    slurm.cancel([job.number])
    head.succeed()
    return folder


def test_two_gpus_train_side_by_side_on_devices_of_their_own(cancelled):
    first, second = slurm.jobs(cancelled, "train")[:2]
    assert {first.seed, second.seed} == set(SEEDS)
    assert first.overlaps(second)
    assert {slurm.device(first), slurm.device(second)} == {"0", "1"}


def test_cancelled_training_is_tried_again_and_resumes(cancelled, prepared):
    tries = [job for job in slurm.jobs(cancelled, "train") if job.seed == 1]
    assert [job.state for job in tries] == ["CANCELLED", "COMPLETED"]
    assert 0 < resumed_at(cancelled, 1) < STEPS
    assert weights(cancelled) == weights(prepared)


@pytest.fixture
def one_gpu(cluster):
    """Reserve one of the two GPUs, so that one is left."""
    options = ["--parsable", "--gpus=1", "--output=/dev/null", "--wrap=sleep 900"]
    number = int(slurm.call("sbatch", *options))
    yield
    slurm.cancel([number])


def test_one_gpu_trains_one_network_after_the_other(
    one_gpu, started, untrained, prepared
):
    folder = untrained("one_gpu")
    configure(folder, {"run": {"gpu": 1}})
    started(folder, *MODELS).succeed()
    first, second = slurm.jobs(folder, "train")
    assert not first.overlaps(second)
    assert slurm.device(first) == slurm.device(second)
    assert weights(folder) == weights(prepared)


def test_failed_job_names_its_logs(started, untrained):
    folder = untrained("failed")
    damage(folder / "results/phantom/samples/test/demo/seed0/images.npy")
    head = started(folder, MODELS[0], "--retries=0")
    assert head.wait() == 1
    (job,) = slurm.jobs(folder, "train")
    assert job.state == "FAILED"
    assert LOG.format(0) in head.text
    assert f"{job.number}.log" in head.text
    assert (folder / LOG.format(0)).read_text().startswith("error: ")
    assert (folder / LOG.format(0)).read_text().strip() in head.text


def damage(path):
    """Empty a file without a trace in its times."""
    status = path.stat()
    path.write_bytes(b"")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_ctrl_c_cancels_what_runs(started, untrained, prepared):
    folder = untrained("interrupted")
    head = started(folder, *MODELS)
    for seed in SEEDS:
        head.hang(seed)
    assert head.kill(signal.SIGINT) == 1
    wait_until(lambda: not slurm.running(folder), 60)
    assert {job.state for job in slurm.jobs(folder, "train")} == {"CANCELLED"}
    started(folder, *MODELS).succeed()
    assert min(resumed_at(folder, seed) for seed in SEEDS) > 0
    assert weights(folder) == weights(prepared)


def test_killed_head_is_followed_by_one_that_goes_on(
    one_gpu, started, untrained, prepared
):
    folder = untrained("killed")
    configure(folder, {"run": {"gpu": 1}})
    head = started(folder, *MODELS)
    head.until(lambda: len(slurm.jobs(folder, "train")) == 2)
    first, second = slurm.jobs(folder, "train")
    head.hang(second.seed)
    head.until(lambda: "1 of 2 steps" in head.text)
    assert head.kill(signal.SIGKILL) == -signal.SIGKILL
    assert [job.number for job in slurm.running(folder)] == [second.number]
    assert "LockException" in locked(started(folder, *MODELS))
    recover(folder)
    assert not slurm.running(folder)
    started(folder, *MODELS).succeed()
    tries = [job.seed for job in slurm.jobs(folder, "train")]
    assert tries == [first.seed, second.seed, second.seed]
    assert resumed_at(folder, second.seed) > 0
    assert weights(folder) == weights(prepared)


def locked(head):
    """Return what a head says that finds the project locked."""
    assert head.wait() == 1
    return head.text


def recover(folder):
    """Do what `make recover` does."""
    script = "workflow/profiles/slurm/recover.sh"
    command = ["bash", script, sys.executable, "-m", "snakemake"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_training_beyond_its_time_is_tried_again_and_resumes(timed_out, prepared):
    timed_out.succeed()
    tries = slurm.jobs(timed_out.folder, "train")
    assert [job.state for job in tries] == ["TIMEOUT", "COMPLETED"]
    assert 0 < resumed_at(timed_out.folder, 0) < STEPS
    assert weights_of_first(timed_out.folder) == weights_of_first(prepared)


def weights_of_first(folder):
    """Return the trained network of seed 0."""
    return (folder / MODELS[0]).read_bytes()


def test_whole_workflow(whole, prepared):
    whole.succeed(400)
    assert {job.state for job in slurm.jobs(whole.folder)} == {"COMPLETED"}
    assert weights(whole.folder) == weights(prepared)
    page = (whole.folder / "results/phantom/report.html").read_text()
    assert "seed 1" in page
    rules = {slurm.rule_of(job) for job in slurm.jobs(whole.folder)}
    assert rules >= {"phantom", "augment", "weight_maps", "train", "predict"}
    assert not rules & {"settings", "split", "report"}  # run beside Snakemake


def test_profile_for_any_scheduler_tries_again_and_resumes(
    started, untrained, prepared
):
    folder = untrained("generic")
    configure(folder, {"run": {"gpu": 1}})
    head = started(folder, *MODELS, profile="cluster-generic")
    for seed in SEEDS:
        head.hang(seed)
    first, second = slurm.jobs(folder, "train")
    assert {slurm.device(first), slurm.device(second)} == {"0", "1"}
    slurm.cancel([first.number, second.number])
    head.succeed()
    states = [job.state for job in slurm.jobs(folder, "train")]
    assert states == ["CANCELLED", "CANCELLED", "COMPLETED", "COMPLETED"]
    assert resumed_at(folder, 0) > 0
    assert weights(folder) == weights(prepared)
