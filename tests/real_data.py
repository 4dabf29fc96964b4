"""The real ISBI 2012 stacks, for the tests that are marked ``real_data``."""

import os
from pathlib import Path

from lacking import refuse

STACKS = ("train-volume", "train-labels", "test-volume", "test-labels")


def mirror() -> Path:
    """Return the folder with the four stacks that ``UNET2015_MIRROR`` names.

    Without it the test is skipped, loudly; it fails if the variable is set, or under
    continuous integration (``CI`` is set): a missing mirror cannot pass for success.
    """
    folder = os.environ.get("UNET2015_MIRROR", "")
    if folder and all((Path(folder) / f"{name}.tif").is_file() for name in STACKS):
        return Path(folder).resolve()
    reason = (
        "no real data: "
        f"UNET2015_MIRROR={folder!r} holds no {STACKS[0]}.tif to {STACKS[-1]}.tif; "
        "set it to the folder with the four stacks, or to nothing"
    )
    refuse(reason, "UNET2015_MIRROR")
