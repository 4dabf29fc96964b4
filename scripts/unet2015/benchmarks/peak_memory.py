"""Peak of the resident memory: what arrays really take, whoever allocates them."""

import re
from collections.abc import Callable
from pathlib import Path

from unet2015.network.allocator import give_back

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = b"5"
BYTES_PER_MIB = 2**20


def can_measure() -> bool:
    """Tell whether the system tells the peak and can forget an earlier one (Linux)."""
    return STATUS.is_file() and CLEAR.is_file()


def peak_rise(run: Callable[[], object]) -> float:
    """Return by how much a call raises the peak of the resident memory, MiB.

    Parameters
    ----------
    run : callable
        Called twice: what it compiles and caches is not counted.

    Notes
    -----
    Python's own tracing does not see what compiled code allocates. Freed blocks
    are given back to the system first, so that they are not reused uncounted.
    """
    run()
    give_back()
    return peak_of(run) / BYTES_PER_MIB


def peak_of(work: Callable[[], object]) -> int:
    """Return by how many bytes the resident memory rises while `work` runs.

    Parameters
    ----------
    work : callable
        What it returns is dropped.

    Notes
    -----
    `resource.getrusage` would not do: a child inherits the peak of the process that
    started it.
    """
    CLEAR.write_bytes(RESET_PEAK)  # the peak restarts at what is resident now
    before = _peak()
    work()
    return _peak() - before


def _peak() -> int:
    """Return the highest resident memory since the last reset, bytes."""
    found = re.search(r"^VmHWM:\s*(\d+) kB$", STATUS.read_text(encoding="utf-8"), re.M)
    return 1024 * int(found[1])
