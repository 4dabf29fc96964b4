"""Loops compiled by numba, kept for the next run where a folder can be written."""

from collections.abc import Callable

import numba


def compiled(function: Callable) -> Callable:
    """Compile a function that runs without the interpreter's lock.

    Where neither the folder of its module nor the user's cache can be written, as in a
    read-only checkout without a home, every process compiles anew.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: no locator available
        return numba.njit(nogil=True)(function)
