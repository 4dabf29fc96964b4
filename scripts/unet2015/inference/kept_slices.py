"""Predicted slices that outlive an interrupted program."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError

Predict = Callable[[np.ndarray], np.ndarray]
"""From an image to its probabilities (height, width), or several (channels, ...)."""


def keeping(folder: Path, predict: Predict, skipped: Callable[[], None]) -> Predict:
    """Return a function that predicts only what has not been predicted before.

    Parameters
    ----------
    folder : Path
        Of everything else that determines a prediction: networks, settings, code.
    predict : callable
        From an image to float32 probabilities, shape (height, width) or, if there are
        affinities too, (channels, height, width).
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
                predicted = read_stack(path)
            except InputError:
                pass
            else:
                skipped()
                return predicted if len(predicted) > 1 else predicted[0]
        predicted = predict(image)
        write_stack(path, predicted.reshape(-1, *predicted.shape[-2:]))
        return predicted

    return kept


def _digest(image: np.ndarray) -> str:
    """Return the sha256 of the pixels, the shape and the type of an image."""
    digest = hashlib.sha256(f"{image.shape} {image.dtype}".encode())
    digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()
