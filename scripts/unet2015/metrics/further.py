"""Scores that the challenge does not have, but single claims of the paper speak of.

The pixel error near the border of the slices, where what lies outside is extrapolated,
and the parts of V_Rand and V_Info that merges and splits of cells spoil.
"""

import numpy as np

from unet2015.metrics import checks, components, contingency, pixel_error, thinning
from unet2015.metrics.challenge import THRESHOLDS
from unet2015.metrics.rand import v_rand_parts
from unet2015.metrics.v_info import v_info_parts

BORDER = 32
"""Pixels from the edge of a slice that count as its border."""

PARTS = {"v_rand": v_rand_parts, "v_info": v_info_parts}


def further_scores(
    labels: np.ndarray,
    proposal: np.ndarray,
    thresholds: dict[str, float],
    names: tuple[str, str] = ("labels", "proposal"),
) -> dict[str, float]:
    """Compute the pixel error of the border, and the parts of V_Rand and V_Info.

    Parameters
    ----------
    labels, proposal, names
        See :func:`unet2015.metrics.challenge.evaluate`.
    thresholds : dict of str to float
        Those of `THRESHOLDS` at which `v_rand` and `v_info` are best.

    Returns
    -------
    dict of str to float
        `border_pixel_error` at its own best threshold; `v_rand_merges`,
        `v_rand_splits`, `v_info_merges` and `v_info_splits`, means over slices, 1 =
        no merges or splits.

    Raises
    ------
    InputError
        See :func:`unet2015.metrics.challenge.evaluate`.
    """
    truth, proposed, known = checks.known_pair(labels, proposal, names)
    proposed = proposed.astype(np.float64)
    scores = {"border_pixel_error": border_pixel_error(truth, proposed)}
    shown = known.any(axis=(1, 2))
    for name, parts in PARTS.items():
        masks = proposed[shown] > thresholds[name]
        found = [parts(_table(*pair)) for pair in zip(truth[shown], masks, strict=True)]
        merges, splits = np.mean(found, axis=0).tolist()
        scores |= {f"{name}_merges": merges, f"{name}_splits": splits}
    return scores


def border_pixel_error(labels: np.ndarray, proposal: np.ndarray) -> float:
    """Return the pixel error of the outermost pixels, at its best threshold.

    Parameters
    ----------
    labels : ndarray, bool, shape (slices, height, width)
        True = cell interior.
    proposal : ndarray, float64, shape (slices, height, width)
        Probability of cell interior, 0..1.

    Returns
    -------
    float
        In 0..1, 0 = perfect: 1 - F of the pixels less than `BORDER` from an edge.
    """
    border = np.ones(labels.shape[1:], bool)
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    pairs = zip(labels[:, border], proposal[:, border], strict=True)
    counts = [[pixel_error.counts(t, p > k) for k in THRESHOLDS] for t, p in pairs]
    return float(pixel_error.curve(np.array(counts)).min())


def _table(truth: np.ndarray, mask: np.ndarray) -> contingency.Contingency:
    """Return how the segments of a slice overlap, borders of the proposal thinned."""
    thinned = thinning.thin(components.label(mask))
    return contingency.tabulate(contingency.segments(components.label(truth)), thinned)
