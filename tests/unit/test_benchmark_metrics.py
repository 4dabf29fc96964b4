import csv
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

import benchmark_metrics as program
from unet2015.stacks import write_stack

NAIVE = Path(__file__).parent / "metrics/reference.py"


@pytest.fixture
def stacks(tmp_path):
    """Four cells in two slices, and a blurred proposal of them."""
    labels = np.full((2, 24, 24), 255, np.uint8)
    labels[:, 11:13] = labels[:, :, 11:13] = 0
    blurred = ndimage.gaussian_filter(labels / 255, (0, 1, 1)).astype(np.float32)
    write_stack(tmp_path / "labels.tif", labels)
    write_stack(tmp_path / "proposal.tif", np.clip(blurred, 0, 1))
    return tmp_path


def test_every_implementation_is_timed_per_slice(stacks, monkeypatch):
    arguments = {
        "--labels": stacks / "labels.tif",
        "--proposal": stacks / "proposal.tif",
        "--naive": NAIVE,
        "--repeats": 2,
        "--csv": stacks / "times.csv",
        "--markdown": stacks / "times.md",
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    monkeypatch.setattr(sys, "argv", ["benchmark_metrics.py", *words])
    program.main()
    with (stacks / "times.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["slices"] for row in rows] == ["2", "2", "2", "1"]
    assert [row["runs"] for row in rows] == ["2", "2", "2", "1"]
    assert float(rows[0]["ratio"]) == 1
    for row in rows:
        times = [float(row[key]) for key in ("lowest", "slice_seconds", "highest")]
        assert 0 < times[0] <= times[1] <= times[2]
    assert "plain Python" in (stacks / "times.md").read_text()
