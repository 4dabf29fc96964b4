"""Small stacks that look like tissue: cells that drift, and dark membranes."""

import numpy as np
from scipy.spatial import cKDTree

WIDTH = 5
"""Of membranes, px, about."""


def tissue(slices=6, side=128, cells=14, seed=0):
    """Return a volume and its labels, uint8, shape (slices, side, side)."""
    rng = np.random.default_rng(seed)
    points = rng.random((cells, 2)) * side
    rows, columns = np.mgrid[:side, :side]
    pixels = np.stack([rows, columns], axis=-1).reshape(-1, 2)
    labels = np.zeros((slices, side, side), np.uint8)
    for truth in labels:
        distances, _ = cKDTree(points).query(pixels, k=2)
        apart = (distances[:, 1] - distances[:, 0]).reshape(side, side)
        truth[apart > WIDTH] = 255
        points += rng.normal(0, 2, points.shape)
    noise = rng.normal(0, 12, labels.shape)
    volume = np.where(labels == 255, 160, 80) + noise
    return np.clip(volume, 0, 255).astype(np.uint8), labels
