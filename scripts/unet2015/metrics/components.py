"""4-connected components of a slice, by union-find in two passes."""

import numpy as np

from unet2015.data.compiled import compiled
from unet2015.data.union_find import root


@compiled
def label(mask):
    """Label the 4-connected components of the foreground.

    Parameters
    ----------
    mask : ndarray, bool or uint8, shape (height, width)
        True or nonzero = foreground.

    Returns
    -------
    ndarray, int32, shape (height, width)
        0 = background; 1, 2, ... = components in the order of their first pixel.
    """
    ids = np.zeros(mask.shape, np.int32)
    # A new id needs background above and to the left, so at most every second
    # pixel starts one.
    parents = np.zeros(mask.size // 2 + 2, np.int32)
    provisional = _scan(mask, ids, parents)
    _number_roots(parents, provisional)
    flat = ids.ravel()
    for i in range(flat.size):
        flat[i] = parents[flat[i]]
    return ids


@compiled
def _scan(mask, ids, parents):
    """Give every pixel a provisional id, record which ids meet, count them."""
    provisional = 0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if not mask[y, x]:
                continue
            above = ids[y - 1, x] if y > 0 else 0
            left = ids[y, x - 1] if x > 0 else 0
            if above != 0 and left != 0 and above != left:
                a, b = root(parents, above), root(parents, left)
                parents[max(a, b)] = min(a, b)
                ids[y, x] = min(a, b)
            elif above != 0 or left != 0:
                ids[y, x] = max(above, left)
            else:
                provisional += 1
                parents[provisional] = provisional
                ids[y, x] = provisional
    return provisional


@compiled
def _number_roots(parents, provisional):
    """Replace each provisional id's parent by its final id."""
    count = 0
    for i in range(1, provisional + 1):
        # Parents are smaller than their children, so parents[parents[i]] is
        # already final when i is reached.
        if parents[i] == i:
            count += 1
            parents[i] = count
        else:
            parents[i] = parents[parents[i]]
