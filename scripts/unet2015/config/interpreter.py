"""Jobs run in the interpreter that runs Snakemake."""

import os
import sys
from pathlib import Path


def put_first_on_path() -> None:
    """Put the folder of this interpreter first on PATH, for this process's children.

    So ``.venv/bin/snakemake`` works without activation, on a cluster too; a conda
    environment that Snakemake activates for a job comes still before it.
    """
    folder = str(Path(sys.executable).parent)
    rest = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([folder, *(p for p in rest if p != folder)])
