"""Predicted slices that outlive an interrupted program."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError

Predict = Callable[[np.ndarray], np.ndarray]
"""From an image to its probabilities (height, width)."""


def keeping(folder: Path, predict: Predict, skipped: Callable[[], None]) -> Predict:
    """Return a function that predicts only what has not been predicted before.

    Parameters
    ----------
    folder : Path
        Of everything else that determines a prediction: networks, settings, code.
    predict : callable
        From an image to float32 probabilities, shape (height, width).
    skipped : callable
        Called for every slice that was there.

    Returns
    -------
    callable
        As `predict`; each slice is a file whose name is the sha256 of the image.
        One that cannot be read is predicted again.
    """

    def kept(image: np.ndarray) -> np.ndarray:
        path = folder / f"{_digest(image)}.tif"
        if path.is_file():
            try:
                (probability,) = read_stack(path)
            except InputError:
                pass
            else:
                skipped()
                return probability
        probability = predict(image)
        write_stack(path, probability[np.newaxis])
        return probability

    return kept


def _digest(image: np.ndarray) -> str:
    """Return the sha256 of the pixels, the shape and the type of an image."""
    digest = hashlib.sha256(f"{image.shape} {image.dtype}".encode())
    digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()
