import numpy as np
import pytest
import torch
from scipy import ndimage


def pytest_configure():
    torch.set_num_threads(1)  # tiny tensors: threads only get in each other's way


@pytest.fixture
def smooth():
    """Give a function that makes smooth grey values 0..255 of a shape."""

    def make(shape, seed=0, sigma=3):
        noise = np.random.default_rng(seed).standard_normal(shape)
        image = ndimage.gaussian_filter(noise, sigma, mode="wrap")
        return (255 * (image - image.min()) / np.ptp(image)).astype(np.float32)

    return make
