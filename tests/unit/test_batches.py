import numpy as np
import pytest
import torch

from unet2015.samples.batches import read_batch
from unet2015.samples.stored import CachedSamples


@pytest.mark.parametrize(
    ("step", "batch", "expected"),
    [(0, 1, [0]), (4, 1, [4]), (5, 1, [0]), (1, 2, [2, 3]), (2, 2, [4, 0])],
)
def test_steps_cycle_through_the_samples(tmp_path, step, batch, expected):
    rng = np.random.default_rng(0)
    arrays = {
        "images": rng.integers(0, 256, (5, 8, 8), dtype=np.uint8),
        "labels": rng.choice(np.array([0, 255], dtype=np.uint8), (5, 8, 8)),
        "weights": rng.random((5, 8, 8)).astype(np.float16),
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    source = CachedSamples(*(tmp_path / f"{name}.npy" for name in arrays))
    images, labels, weights = read_batch(source, step, batch, mean=100, std=50)
    assert images.dtype == weights.dtype == torch.float32
    assert labels.dtype == torch.int64
    np.testing.assert_allclose(
        images[:, 0], (arrays["images"][expected].astype(float) - 100) / 50, rtol=1e-6
    )
    np.testing.assert_array_equal(labels, arrays["labels"][expected] // 255)
    np.testing.assert_array_equal(weights, arrays["weights"][expected])
