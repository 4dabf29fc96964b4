"""How far another backend or precision is from torch in float32."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from unet2015.errors import InputError

THRESHOLD = 0.5
"""Probability above which a pixel counts as cell interior."""

COLUMNS = [
    "inference",
    "backend",
    "precision",
    "test_time_augmentation",
    "bytes",
    "v_rand",
    "v_rand_change",
    "largest_difference",
    "mean_difference",
    "changed_pixels",
]


class Prediction(NamedTuple):
    """What one backend made of the scored slices."""

    probability: np.ndarray  # float32, (slices, height, width), 0..1
    v_rand: float  # at the best threshold; NaN if the labels are unknown
    size: int  # bytes of the model's file


def difference(reference: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Compare two predictions of the same slices.

    Parameters
    ----------
    reference, other : ndarray, float32, shape (slices, height, width)
        Probabilities, 0..1.

    Returns
    -------
    dict
        `largest_difference` and `mean_difference` of the probabilities, and
        `changed_pixels`, the fraction that is on the other side of `THRESHOLD`.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    if reference.shape != other.shape:
        raise InputError(
            f"predictions have the shapes {reference.shape} and {other.shape}, "
            "expected the same; predict the same slices"
        )
    distance = np.abs(other.astype(np.float64) - reference)
    return {
        "largest_difference": float(distance.max()),
        "mean_difference": float(distance.mean()),
        "changed_pixels": float(
            np.mean((reference > THRESHOLD) != (other > THRESHOLD))
        ),
    }


def parity_table(
    runs: Sequence[dict], predictions: Mapping[str, Prediction]
) -> pd.DataFrame:
    """Compare each prediction with that of its peer in torch.

    Parameters
    ----------
    runs : sequence of dict
        `inference` (a name), `backend`, `precision`, `test_time_augmentation`
        and `peer`, the name of what it is compared with; a peer names itself.
    predictions : mapping
        By the name of the inference settings.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row a run; differences are empty for the peers.
    """
    rows = []
    for run in runs:
        ours, peer = predictions[run["inference"]], predictions[run["peer"]]
        row = {key: run[key] for key in COLUMNS[:4]}
        row |= {"bytes": ours.size, "v_rand": ours.v_rand}
        if run["peer"] != run["inference"]:
            row["v_rand_change"] = ours.v_rand - peer.v_rand
            row |= difference(peer.probability, ours.probability)
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)
