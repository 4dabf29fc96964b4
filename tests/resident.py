"""Resident memory of this process, from Linux's /proc.

`resource.getrusage` would not do: a child inherits the peak of the process that
started it.
"""

import re
from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def peak_of(work: Callable[[], object]) -> int:
    """Return by how many bytes the resident memory rises while `work` runs."""
    CLEAR.write_text("5")  # the peak restarts at what is resident now
    before = _bytes("VmRSS")
    work()
    return _bytes("VmHWM") - before


def _bytes(name: str) -> int:
    """Return an entry of the status in bytes."""
    return 1024 * int(re.search(rf"{name}:\s+(\d+) kB", STATUS.read_text())[1])
