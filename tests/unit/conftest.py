import logging
import signal

import numpy as np
import pytest
import torch
from scipy import ndimage

collect_ignore = ["readers.py"]  # runs in an environment of its own


def pytest_configure():
    torch.set_num_threads(1)  # tiny tensors: threads only get in each other's way


@pytest.fixture(autouse=True)
def _undo_what_programs_do():
    """Put back logging, signals and torch's settings."""
    root, handler = logging.getLogger(), signal.getsignal(signal.SIGTERM)
    handlers, level = root.handlers[:], root.level
    yield
    for added in set(root.handlers) - set(handlers):
        added.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    signal.signal(signal.SIGTERM, handler)
    if torch.are_deterministic_algorithms_enabled():  # to ask imports little
        torch.use_deterministic_algorithms(False)
    torch.set_num_threads(1)


@pytest.fixture
def smooth():
    """Give a function that makes smooth grey values 0..255 of a shape."""

    def make(shape, seed=0, sigma=3):
        noise = np.random.default_rng(seed).standard_normal(shape)
        image = ndimage.gaussian_filter(noise, sigma, mode="wrap")
        return (255 * (image - image.min()) / np.ptp(image)).astype(np.float32)

    return make
