"""Distances to the nearest and to the second-nearest cell instance.

Exact Euclidean distances in two passes. Down and up the columns, every pixel
learns the two nearest instances of its own column: an instance that is not
among these two cannot be among the two nearest overall through this column.
Then each background pixel walks its row outwards, left and right, and merges
the columns' candidates until the horizontal distance alone exceeds the second
distance found. Membranes are thin, so the walk is short.
"""

import numpy as np

from unet2015.data.compiled import compiled


def two_nearest(instances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return d1 and d2 of every background pixel.

    Parameters
    ----------
    instances : ndarray, int32, shape (height, width)
        0 = background, other values = ids of cell instances.

    Returns
    -------
    d1, d2 : ndarray, float32, shape (height, width)
        Euclidean distance in pixels to the nearest pixel of the nearest and of
        the second-nearest instance; 0 on cells, infinite where there is no
        such instance.
    """
    instances = np.ascontiguousarray(instances, dtype=np.int32)
    return _merge_columns(instances, *_nearest_in_column(instances))


@compiled
def _insert(first, first_id, second, second_id, distance, label):
    """Merge one candidate into the two nearest instances."""
    if label == first_id:
        return min(first, distance), first_id, second, second_id
    if distance < first:
        return distance, label, first, first_id
    if distance < second:
        return first, first_id, distance, label
    return first, first_id, second, second_id


@compiled
def _nearest_in_column(instances):
    """Squared vertical distances to, and ids of, a column's two nearest instances."""
    height, width = instances.shape
    far = np.int64(4) * (height + width) ** 2
    distances = np.full((height, width, 2), far, dtype=np.int64)
    ids = np.zeros((height, width, 2), dtype=np.int32)
    for column in range(width):
        for direction in range(2):
            row, label, older_row, older = -1, 0, -1, 0
            for i in range(height):
                y = i if direction == 0 else height - 1 - i
                here = instances[y, column]
                if here != 0:
                    if here != label:
                        older_row, older = row, label
                        label = here
                    row = y
                first, first_id = distances[y, column, 0], ids[y, column, 0]
                second, second_id = distances[y, column, 1], ids[y, column, 1]
                if label != 0:
                    first, first_id, second, second_id = _insert(
                        first, first_id, second, second_id, (y - row) ** 2, label
                    )
                if older != 0:
                    first, first_id, second, second_id = _insert(
                        first, first_id, second, second_id, (y - older_row) ** 2, older
                    )
                distances[y, column, 0], ids[y, column, 0] = first, first_id
                distances[y, column, 1], ids[y, column, 1] = second, second_id
    return distances, ids


@compiled
def _merge_columns(instances, distances, ids):
    """Walk along the rows and keep the two nearest instances of each pixel."""
    height, width = instances.shape
    far = np.int64(4) * (height + width) ** 2
    d1 = np.zeros((height, width), dtype=np.float32)
    d2 = np.zeros((height, width), dtype=np.float32)
    for y in range(height):
        for x in range(width):
            if instances[y, x] != 0:
                continue
            first, first_id, second, second_id = far, np.int32(0), far, np.int32(0)
            for offset in range(max(x + 1, width - x)):
                across = np.int64(offset) * offset
                if across >= second:
                    break
                for column in (x - offset, x + offset):
                    if column < 0 or column >= width:
                        continue
                    for rank in range(2):
                        label = ids[y, column, rank]
                        if label == 0:
                            continue
                        first, first_id, second, second_id = _insert(
                            first,
                            first_id,
                            second,
                            second_id,
                            distances[y, column, rank] + across,
                            label,
                        )
            d1[y, x] = np.sqrt(first) if first < far else np.inf
            d2[y, x] = np.sqrt(second) if second < far else np.inf
    return d1, d2
