"""Images of other types as 8-bit grey levels.

Two values of an image become 0 and 255, what lies between them is scaled, and what lies
beyond them is clipped. A network has to see every stack scaled by the same two values,
its `intensity_range`: it is stated, or measured once, on the training volume.
"""

from collections.abc import Sequence

import numpy as np

from unet2015.data.open_stack import OpenStack
from unet2015.errors import InputError
from unet2015.settings import check_range

PERCENTILES = (0.5, 99.5)
"""Of a 16-bit training volume: few hot or dead pixels do not decide its contrast."""

BEYOND = 0.1
"""Part of the pixels above which clipping is worth a warning; 0.01 is by intent."""


class GreyLevels(OpenStack):
    """A stack of another type, whose slices are scaled to uint8 as they are read.

    Parameters
    ----------
    stack : OpenStack or ndarray, shape (slices, height, width)
        Integers or floating point.
    intensity_range : sequence of float
        The values that become 0 and 255.
    name : str
        What errors call it.

    Attributes
    ----------
    beyond : ndarray, int, shape (slices,)
        Pixels outside of the range in each slice that was read.

    Raises
    ------
    InputError
        If the range is none, or the stack is of another type.
    """

    def __init__(
        self,
        stack: OpenStack | np.ndarray,
        intensity_range: Sequence[float],
        name: str,
    ):
        check_range(intensity_range, f"{name}: intensity range")
        if stack.dtype.kind not in "uif":
            raise InputError(
                f"{name} has dtype {stack.dtype}, expected integers or floating point; "
                "convert it to 8 bit"
            )
        self._stack, self._name, self.range = stack, name, tuple(intensity_range)
        self.shape, self.dtype = stack.shape, np.dtype(np.uint8)
        self.beyond = np.zeros(len(stack), np.int64)

    def __getitem__(self, index: int) -> np.ndarray:
        (low, high), pixels = self.range, self._stack[index].astype(np.float64)
        if np.isnan(pixels).any():
            raise InputError(
                f"{self._name} holds NaN in slice {index} (from 0), expected numbers; "
                "fill what is missing"
            )
        self.beyond[index] = np.count_nonzero((pixels < low) | (pixels > high))
        np.clip(pixels, low, high, out=pixels)  # first: infinity stays no number
        pixels -= low
        pixels *= 255 / (high - low)
        return np.rint(pixels, out=pixels).astype(np.uint8)


def measured_range(volume: np.ndarray, name: str) -> tuple[float, float]:
    """Return the 0.5 and the 99.5 percentile of a training volume.

    Parameters
    ----------
    volume : ndarray
        Of any shape.
    name : str
        What the message calls it.

    Raises
    ------
    InputError
        If both are the same.
    """
    low, high = np.percentile(volume, PERCENTILES).tolist()
    if low == high:
        raise InputError(
            f"{name} has the value {low:g} from its {PERCENTILES[0]} to its "
            f"{PERCENTILES[1]} percentile, expected an image; state which values "
            "become black and white: datasets.<name>.intensity_range"
        )
    return low, high
