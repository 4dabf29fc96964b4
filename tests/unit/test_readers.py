"""Readers of others see in our stacks what was written: slices of Z, sizes, types."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lacking import refuse

from unet2015.data.viewer_files import write_for_viewers
from unet2015.data.voxel import Voxel

pytestmark = pytest.mark.long

PYTHON = Path(sys.prefix) / "readers/bin/python"
RANDOM = np.random.default_rng(0)
STACKS = {
    "float32": RANDOM.random((30, 40, 50), dtype=np.float32),
    "uint32": RANDOM.integers(0, 2**32, (30, 40, 50), dtype=np.uint32),
}
UNITS = {".tif": "nm", ".tiff": "nm", ".ome.zarr": "nanometer"}
"""Of a small stack as ImageJ's, of one above 4 GB as OME-TIFF, of OME-Zarr."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Write each type in each format; return what its reader sees."""
    if not PYTHON.is_file():
        refuse("readers of others are not installed: make .venv/readers/.installed")
    folder, paths = tmp_path_factory.mktemp("written"), []
    for suffix in UNITS:
        with pytest.MonkeyPatch.context() as patch:
            if suffix == ".tiff":
                patch.setattr("unet2015.data.tiff.CLASSIC", 0)
            for name, stack in STACKS.items():
                paths.append(folder / f"{name}{suffix}")
                voxel = Voxel(4, 50)
                write_for_viewers(paths[-1], stack, stack.shape, stack.dtype, voxel)
    program = Path(__file__).with_name("readers.py")
    run = subprocess.run(
        [PYTHON, program, *paths], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("suffix", UNITS)
def test_stack_is_seen_as_it_was_written(seen, name, suffix):
    found = seen[f"{name}{suffix}"]
    assert (found["axes"], found["shape"]) == ("ZYX", [30, 40, 50])
    assert found["type"] == name
    assert found["sizes"] == [50, 4, 4]
    assert found["units"] == [UNITS[suffix]] * 3
    assert found["sum"] == int(STACKS[name].astype("f8").sum())


def test_ids_are_shown_as_labels(seen):
    assert "Label" in seen["uint32.ome.zarr"]["kinds"]
    assert "Label" not in seen["float32.ome.zarr"]["kinds"]
