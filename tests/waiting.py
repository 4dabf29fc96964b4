"""Wait for what other processes do."""

import subprocess
import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], object],
    seconds: float,
    process: subprocess.Popen | None = None,
    said: Callable[[], str] = str,
):
    """Wait until a condition holds and return its value.

    Parameters
    ----------
    condition : callable
        Asked every 0.05 s.
    seconds : float
        How long to wait at most.
    process : Popen, optional
        Must not end before.
    said : callable
        Gives what a failure quotes.
    """
    stop = time.monotonic() + seconds
    while not (value := condition()):
        assert process is None or process.poll() is None, f"ended too early:\n{said()}"
        assert time.monotonic() < stop, f"waited in vain:\n{said()}"
        time.sleep(0.05)
    return value
