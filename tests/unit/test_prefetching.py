import threading
import time

import pytest

from unet2015.training.prefetching import prefetched

WORKERS = [1, 2, 5]


@pytest.mark.parametrize("workers", WORKERS)
def test_items_come_in_order_and_none_beyond_the_end(workers):
    asked = []

    def read(index):
        asked.append(index)
        time.sleep(0.01 / (1 + index))  # later items are ready first
        return -index

    assert list(prefetched(read, 3, 20, workers)) == [-i for i in range(3, 20)]
    assert sorted(asked) == list(range(3, 20))


@pytest.mark.parametrize("workers", WORKERS)
def test_nothing_to_read(workers):
    assert list(prefetched(lambda _: pytest.fail("read"), 4, 4, workers)) == []


@pytest.mark.parametrize("workers", WORKERS)
def test_queue_is_bounded(workers):
    asked = []
    items = prefetched(lambda i: asked.append(i) or i, 0, 1000, workers)
    for taken in range(1, 10):
        next(items)
        time.sleep(0.01)
        assert len(asked) <= taken + 2 * workers
    items.close()


@pytest.mark.parametrize("workers", WORKERS)
def test_as_many_at_a_time_as_there_are_workers(workers):
    together = threading.Barrier(workers, timeout=10)  # breaks unless all are there
    items = prefetched(lambda i: together.wait() >= 0 and i, 0, 4 * workers, workers)
    assert list(items) == list(range(4 * workers))


def test_next_item_is_read_while_the_caller_works():
    second = threading.Event()
    items = prefetched(lambda i: second.set() if i == 1 else i, 0, 9)
    next(items)
    assert second.wait(timeout=10)
    items.close()


@pytest.mark.parametrize("workers", WORKERS)
def test_error_appears_in_its_place(workers):
    def read(index):
        if index == 2:
            raise KeyboardInterrupt
        return index

    items = prefetched(read, 0, 9, workers)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(KeyboardInterrupt):
        next(items)


def test_closing_stops_the_reading():
    asked = []
    items = prefetched(lambda i: asked.append(i) or i, 0, 1000, 2)
    next(items)
    items.close()
    count = len(asked)
    time.sleep(0.05)
    assert len(asked) == count < 1000
