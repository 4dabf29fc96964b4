"""Peak of the resident memory: what arrays really take, whoever allocates them."""

import re
from collections.abc import Callable
from pathlib import Path

from unet2015.allocator import give_back

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
KIB_PER_MIB = 1024


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
    CLEAR.write_text(RESET_PEAK)
    before = _peak()
    run()
    return (_peak() - before) / KIB_PER_MIB


def _peak() -> int:
    """Return the highest resident memory since the last reset, KiB."""
    return int(re.search(r"^VmHWM:\s*(\d+) kB$", STATUS.read_text(), re.M)[1])
