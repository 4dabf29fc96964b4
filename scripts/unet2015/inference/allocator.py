"""Memory that the process keeps though nothing uses it."""

import ctypes


def give_back() -> None:
    """Give freed memory back to the system, where the allocator is glibc's.

    glibc keeps freed blocks of up to 32 MiB for reuse, but blocks of another
    size do not fit into them: after a few tiles of different sizes they can add
    up to more than a tile takes.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
