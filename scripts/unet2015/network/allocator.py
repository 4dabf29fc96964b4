"""Memory that the process keeps though nothing uses it."""

import ctypes
import sys
from collections.abc import Callable

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
LARGEST_KEPT = 32 * 2**20  # bytes; glibc allows no more
LARGEST_INT = 2**31 - 1


def keep_freed() -> None:
    """Keep freed memory for the next step, where the allocator is glibc's.

    Otherwise blocks of megabytes go back to the system and come again page by page,
    emptied: 13,000 page faults in a training step of the default network (float32),
    a fifth of its time.
    """
    tune = _of_glibc("mallopt")
    if tune is not None:
        tune(M_MMAP_THRESHOLD, LARGEST_KEPT)
        tune(M_TRIM_THRESHOLD, LARGEST_INT)


def give_back() -> None:
    """Give freed memory back to the system, where the allocator is glibc's.

    glibc keeps freed blocks of up to 32 MiB for reuse, but blocks of another
    size do not fit into them: after a few tiles of different sizes they can add
    up to more than a tile takes.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable | None:
    """Return a function of glibc, if this is it."""
    if sys.platform == "win32":  # there is no library of the program itself
        return None
    return getattr(ctypes.CDLL(None), name, None)
