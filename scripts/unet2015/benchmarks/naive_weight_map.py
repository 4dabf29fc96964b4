"""The weight map, slow and obvious: one distance transform for each instance."""

import numpy as np
from scipy import ndimage


def two_nearest(instances):
    ids = [number for number in np.unique(instances) if number != 0]
    distances = [ndimage.distance_transform_edt(instances != number) for number in ids]
    nowhere = [np.full(instances.shape, np.inf)] * 2
    d1, d2 = np.sort(np.stack([*distances, *nowhere]), axis=0)[:2]
    background = instances == 0
    return np.where(background, d1, 0), np.where(background, d2, 0)


def weight_map(instances, classes, w0, sigma):
    d1, d2 = two_nearest(instances)
    border = w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    return np.where(instances == 0, classes[0] + border, classes[1])
