import numpy as np
import pytest
import torch

from unet2015.batches import read_batch
from unet2015.samples import Samples


@pytest.mark.parametrize(
    ("step", "batch", "expected"),
    [(0, 1, [0]), (4, 1, [4]), (5, 1, [0]), (1, 2, [2, 3]), (2, 2, [4, 0])],
)
def test_steps_cycle_through_the_samples(step, batch, expected):
    rng = np.random.default_rng(0)
    samples = Samples(
        rng.integers(0, 256, (5, 8, 8), dtype=np.uint8),
        rng.choice(np.array([0, 255], dtype=np.uint8), (5, 8, 8)),
        rng.random((5, 8, 8)).astype(np.float16),
    )
    images, labels, weights = read_batch(samples, step, batch, mean=100, std=50)
    assert images.dtype == weights.dtype == torch.float32
    assert labels.dtype == torch.int64
    np.testing.assert_allclose(
        images[:, 0], (samples.images[expected].astype(float) - 100) / 50, rtol=1e-6
    )
    np.testing.assert_array_equal(labels, samples.labels[expected] // 255)
    np.testing.assert_array_equal(weights, samples.weights[expected])
