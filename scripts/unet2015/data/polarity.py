"""Which of the two values of a mask is cell interior."""

import numpy as np

from unet2015.data.label_shift import LEAST, contrast
from unet2015.data.stacks import INTERIOR, MEMBRANE, UNKNOWN, interior_fraction
from unet2015.errors import InputError

ERRORS = 5
"""Standard errors of a mean below which a difference of grey levels may be noise."""


def guess(volume: np.ndarray, labels: np.ndarray, name: str) -> str:
    """Return which value is cell interior, by area and grey level.

    Interiors cover more than membranes and are brighter, as stains darken membranes.
    A difference of grey levels below `LEAST`, or that noise can make, says nothing;
    then 255 is cell interior if it covers more.

    Parameters
    ----------
    volume, labels : ndarray, uint8, shape (slices, height, width)
        Grey levels and labels, 0, 127 = unknown and 255.
    name : str
        What the message calls the labels.

    Returns
    -------
    {"bright", "dark"}
        255 or 0.

    Raises
    ------
    InputError
        If area and grey level disagree, or both do not speak for 255.
    """
    area, difference = interior_fraction(labels), contrast(volume, labels)
    fewest = min(np.count_nonzero(labels == value) for value in (MEMBRANE, INTERIOR))
    doubt = max(LEAST, ERRORS * volume.std() / max(fewest, 1) ** 0.5)
    if area >= 0.5 and difference > -doubt:
        return "bright"
    if area < 0.5 and difference <= -doubt:
        return "dark"
    raise InputError(
        f"{name}: 255 covers {100 * area:.1f} % and is {difference:+.0f} grey levels "
        "brighter than 0, expected at least 50 % and brighter, as cell interior is, or "
        "neither; set datasets.<name>.interior to bright if 255 is cell interior, to "
        "dark if 0 is"
    )


def inverted(labels: np.ndarray) -> np.ndarray:
    """Return labels with interior and membrane swapped; unknown pixels stay."""
    return np.where(labels == UNKNOWN, labels, INTERIOR - labels)
