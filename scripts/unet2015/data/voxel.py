"""How far apart the pixels and the slices of a stack are."""

import math
from typing import NamedTuple


class Voxel(NamedTuple):
    """How far apart pixels and slices are, nm; None = not known."""

    nm_per_pixel: float | None = None
    nm_per_slice: float | None = None


NM_PER_UNIT = {
    "Å": 0.1,
    "angstrom": 0.1,
    "nm": 1.0,
    "nanometer": 1.0,
    "µm": 1e3,
    "um": 1e3,
    "micron": 1e3,
    "microns": 1e3,
    "micrometer": 1e3,
    "mm": 1e6,
    "millimeter": 1e6,
    "cm": 1e7,
    "centimeter": 1e7,
}
"""Units that files of ImageJ, OME-TIFF and OME-Zarr name."""

MICRO = str.maketrans({"μ": "µ"})
"""Greek mu, as some write it, to the micro sign."""


def in_nm(value: float, unit: str) -> float | None:
    """Return a length in nm, or None if it is none.

    Examples
    --------
    >>> in_nm(0.05, "micrometer"), in_nm(72, "inch"), in_nm(0, "nm")
    (50.0, None, None)
    """
    factor = NM_PER_UNIT.get(unit.replace("\\u00B5", "µ").translate(MICRO))
    return value * factor if factor and 0 < value < math.inf else None
