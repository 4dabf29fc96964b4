"""Reading ahead in threads, in order."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def prefetched(
    read: Callable[[int], Item], start: int, stop: int, workers: int = 1
) -> Iterator[Item]:
    """Give ``read(start)`` .. ``read(stop - 1)`` in this order.

    Parameters
    ----------
    read : callable
        Called in threads, some calls at a time.
    start, stop : int
        0-based; nothing beyond them is read.
    workers : int
        Threads. Twice as many items, at most, wait or are being read while the
        caller works on another, so memory stays bounded and threads rest once
        the caller is the slower one.

    Yields
    ------
    object
        Whatever `read` returns. An error appears where its item would.
    """
    indices = iter(range(start, stop))
    pool = ThreadPoolExecutor(workers)
    try:
        waiting = deque(pool.submit(read, i) for i in islice(indices, 2 * workers))
        while waiting:
            item = waiting.popleft().result()
            waiting.extend(pool.submit(read, i) for i in islice(indices, 1))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
