"""Slices whose pixels are not as large as those that a network was trained on."""

import logging
import math

from unet2015.errors import InputError
from unet2015.inference.views import View, resizing, unchanged

log = logging.getLogger(__name__)

ALIKE = 1.05
"""Ratio of pixel sizes up to which nothing is resampled, which would cost sharpness;
training varies the scale by more."""

LARGEST = 8
"""Ratio of pixel sizes beyond which one of them must be wrong."""


def as_trained(
    shape: tuple[int, int],
    nm_per_pixel: float | None,
    trained: float | None,
    name: str,
) -> View:
    """Return how a slice is seen at the pixel size of the training.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    nm_per_pixel, trained : float or None
        Size of its pixels and of those of the training slices, nm; None = not known.
    name : str
        What messages call the images, usually the path.

    Returns
    -------
    View
        The slice itself if the sizes are alike or one is not known; there is a warning
        if it is that of the images.

    Raises
    ------
    InputError
        If one size is more than eight times the other.
    """
    if trained and not nm_per_pixel:
        log.warning(
            "warning: %s does not state its pixel size; the model was trained on "
            "%g nm a pixel: if it differs, state that of the images (nm_per_pixel)",
            name,
            trained,
        )
    if not (trained and nm_per_pixel):
        return unchanged(shape)
    factor = nm_per_pixel / trained
    if not 1 / LARGEST <= factor <= LARGEST:
        raise InputError(
            f"{name} has {nm_per_pixel:g} nm a pixel and the training slices "
            f"{trained:g} nm, expected at most {LARGEST} times more or less; correct "
            "nm_per_pixel"
        )
    if abs(math.log(factor)) <= math.log(ALIKE):
        factor = 1
    return resizing(factor, shape)
