import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unet2015

PROGRAM = """
import numpy as np
from unet2015.metrics import components
print(components.label(np.eye(3, dtype=bool)).max())
"""


@pytest.mark.slow
def test_loops_compile_where_no_folder_can_be_written(tmp_path):
    package = tmp_path / "unet2015"
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(unet2015.__file__).parent, package, ignore=skipped)
    for folder in (package, package / "metrics"):
        (folder / "__pycache__").write_text("a file in the place of the folder")
    home = {"HOME": "/dev/null/home", "XDG_CACHE_HOME": "/dev/null/cache"}
    kept = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | home | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.returncode) == ("3\n", 0), run.stderr
