"""The real ISBI 2012 stacks, for the tests that are marked ``real_data``."""

import os
from pathlib import Path

import pytest

STACKS = ("train-volume", "train-labels", "test-volume", "test-labels")


def mirror() -> Path:
    """Return the folder with the four stacks that ``UNET2015_MIRROR`` names.

    Without it the test is skipped, loudly; under continuous integration (``CI``
    is set) it fails, so that a missing mirror cannot pass for success.
    """
    folder = os.environ.get("UNET2015_MIRROR", "")
    if folder and all((Path(folder) / f"{name}.tif").is_file() for name in STACKS):
        return Path(folder).resolve()
    reason = (
        "NOT TESTED ON THE REAL DATA: "
        f"UNET2015_MIRROR={folder!r} holds no {STACKS[0]}.tif to {STACKS[-1]}.tif; "
        "set it to the folder with the four stacks"
    )
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
