"""The profile for any scheduler, with its scripts for SLURM."""

import pytest

from cluster import slurm
from cluster.head import MODELS, SEEDS, configure, resumed_at, weights

pytestmark = pytest.mark.long


def test_cancelled_training_is_tried_again_and_resumes(started, untrained, prepared):
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
