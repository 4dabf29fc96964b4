"""Simple points: pixels that may flip without a change of topology.

A pixel is simple if its eight neighbours hold exactly one 4-connected
component of foreground that is 4-adjacent to the pixel, and exactly one
8-connected component of background. Flipping such a pixel moves a border but
neither splits, merges, makes nor deletes an object or a hole. The pixel's own
value plays no part, so a table of 256 neighbourhoods answers the question.
"""

import numpy as np

from unet2015.data.compiled import compiled

RING = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
"""(dy, dx) of the neighbours, clockwise from the upper left corner."""


def _components(members: set, reach: int) -> list[set]:
    """Split pixels into components; `reach` is 1 for 4-, 2 for 8-connected."""
    components = []
    while members:
        component, border = set(), {members.pop()}
        while border:
            component |= border
            border = {
                (y, x)
                for y, x in members
                for v, u in border
                if max(abs(y - v), abs(x - u)) == 1 and abs(y - v) + abs(x - u) <= reach
            }
            members -= border
        components.append(component)
    return components


def _is_simple(code: int) -> bool:
    """Apply the definition to the neighbourhood whose bit i is `RING[i]`."""
    foreground = {pixel for i, pixel in enumerate(RING) if code >> i & 1}
    background = set(RING) - foreground
    touching = [c for c in _components(foreground, 1) if any(0 in p for p in c)]
    return len(touching) == 1 and len(_components(background, 2)) == 1


SIMPLE = np.array([_is_simple(code) for code in range(256)])
"""Whether a neighbourhood is simple, by its code."""


@compiled
def relax(framed, candidates):
    """Flip simple candidates, in order, until a whole pass flips nothing.

    Simplicity is judged in the image as it is at that moment. A flipped pixel
    agrees with the target and is not visited again.

    Parameters
    ----------
    framed : ndarray, uint8, shape (height + 2, width + 2)
        1 = foreground, with a frame of zeros. Changed in place.
    candidates : ndarray, int64, shape (n,)
        Flat indices into `framed`, none of them in the frame. Changed in place.

    Returns
    -------
    ndarray, int64, shape (residuals,)
        The candidates that could not be flipped, in the same order.
    """
    flat, stride = framed.ravel(), framed.shape[1]
    left, before = candidates.size, -1
    while left != before:
        before, left = left, 0
        for i in candidates[:before]:
            if SIMPLE[_code(flat, i, stride)]:
                flat[i] = 1 - flat[i]
            else:
                candidates[left] = i
                left += 1
    return candidates[:left]


@compiled
def _code(flat, i, stride):
    """Return the code of the neighbourhood of pixel `i`; bits as in `RING`."""
    return (
        flat[i - stride - 1]
        | flat[i - stride] << 1
        | flat[i - stride + 1] << 2
        | flat[i + 1] << 3
        | flat[i + stride + 1] << 4
        | flat[i + stride] << 5
        | flat[i + stride - 1] << 6
        | flat[i - 1] << 7
    )
