"""Whether anything can be trained on a volume and its labels."""

import numpy as np

from unet2015.data.same_shape import check_shapes
from unet2015.data.stacks import INTERIOR, MEMBRANE
from unet2015.errors import InputError

PERCENTILES = (1, 99)
"""Between which grey levels count as the contrast of a slice."""

BLANK = 2.0
"""Grey levels of contrast up to which a slice shows nothing."""


def spanned(image: np.ndarray) -> float:
    """Return the contrast of a slice: grey levels that its pixels span, but for few.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
        Grey levels.
    """
    low, high = np.percentile(image, PERCENTILES)
    return float(high - low)


def check_usable(volume: np.ndarray, labels: np.ndarray, folds: int) -> None:
    """Refuse training stacks on which nothing can be trained.

    Parameters
    ----------
    volume, labels : ndarray, uint8, shape (slices, height, width)
        Grey levels; 255 = interior, 0 = membrane, 127 = unknown.
    folds : int
        Blocks that cross-validation cuts them into. A single slice, which can never be
        cut, is accepted: then the test stack alone is scored.

    Raises
    ------
    InputError
        If the shapes differ, every slice is blank, the labels lack interior or
        membrane, or there are fewer slices than folds.
    """
    check_shapes("train-volume", volume.shape, "train-labels", labels.shape)
    contrast = max(map(spanned, volume))
    if contrast <= BLANK:
        raise InputError(
            f"train-volume is blank: no slice spans more than {contrast:g} grey levels "
            f"of 255, expected more than {BLANK:g}; export it again, or state which "
            "values become black and white (datasets.<name>.intensity_range)"
        )
    for value, lacking in ((INTERIOR, "cell interior"), (MEMBRANE, "membrane")):
        if not (labels == value).any():
            raise InputError(
                f"train-labels hold no pixel of {lacking} ({value}), expected both "
                "classes; give labels in which cells are parted by membrane"
            )
    if 1 < len(volume) < folds:
        fewer = ", ".join(f"fold{k}" for k in range(len(volume)))
        raise InputError(
            f"train-volume has {len(volume)} slices, fewer than the {folds} folds of "
            "cross-validation, expected at least as many; set run.folds to "
            f"{len(volume)} and run.splits to [{fewer}]"
        )
