"""All five metrics of the challenge on a stack, in one go."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat

import numpy as np

from unet2015.data.stacks import UNKNOWN
from unet2015.errors import InputError
from unet2015.metrics import (
    checks,
    components,
    contingency,
    pixel_error,
    rand,
    thinning,
    warping_error,
)
from unet2015.metrics.v_info import v_info


def sweep(maximum: float) -> np.ndarray:
    """Return the thresholds 0, 0.1, ... up to `maximum`.

    The challenge adds 0.1 again and again in double precision, and so visits
    0.30000000000000004 and 0.7999999999999999. A pixel of float32 0.8 or 0.9
    falls on one side or the other by that rounding, so the sum is kept.

    Parameters
    ----------
    maximum : float
        1.0 gives eleven thresholds, 0.9 (warping error) the first ten.

    Returns
    -------
    ndarray, float64, shape (thresholds,)
        Ascending, from 0.
    """
    thresholds = []
    threshold = 0.0
    while threshold <= maximum:
        thresholds.append(threshold)
        threshold += 0.1
    return np.array(thresholds)


THRESHOLDS = sweep(1.0)
"""Thresholds of all metrics but warping."""

WARPING_THRESHOLDS = sweep(0.9)
"""Thresholds of the warping error: the first ten."""

ERRORS = ("pixel_error", "rand_error", "warping_error")
"""The metrics of which the lowest value is the best."""

METRICS = (*ERRORS, "v_rand", "v_info")
"""All metrics, in the order of the results."""


@dataclass(frozen=True)
class Score:
    """A metric's result on a stack.

    Attributes
    ----------
    value : float
        The score: the best value of `curve`.
    threshold : float
        The first threshold with that value.
    curve : ndarray, float64, shape (thresholds,)
        The score's own value at each threshold: 1 - F for the pixel and Rand
        error, the error for warping, the score for V_Rand and V_Info.
    slices : ndarray, float64, shape (slices, thresholds)
        The curve of each slice alone, by the same definition; NaN where no pixel of
        a slice is known.
    seconds : float
        Processor time of the steps that the metric needs, summed over slices
        and threads. Steps that metrics share count in each of them.
    """

    value: float
    threshold: float
    curve: np.ndarray
    slices: np.ndarray
    seconds: float


def evaluate(
    labels: np.ndarray,
    proposal: np.ndarray,
    threads: int = 2,
    names: tuple[str, str] = ("labels", "proposal"),
) -> dict[str, Score]:
    """Compute the five metrics of the challenge.

    Segmentations and contingency tables are computed once per slice and
    threshold and shared by the metrics. The labels are binary and all
    thresholds are below 1, so the ground truth is the same at each threshold.

    Where the truth is not known, labels and proposal both count as membrane, which no
    metric sees. Of the pixels, the warping error counts the known ones; slices without
    any are left out.

    Parameters
    ----------
    labels : ndarray, shape (slices, height, width)
        255 (or 1) = cell interior, 0 = membrane, 127 = unknown.
    proposal : ndarray, shape (slices, height, width)
        Probability of cell interior, 0..1. Rounded to float32, compared with
        the thresholds in double precision.
    threads : int
        Slices evaluated at a time.
    names : tuple of str
        What error messages call the two stacks, usually their paths.

    Returns
    -------
    dict of str to Score
        With the keys `METRICS`. The curve of `warping_error` has ten values,
        at `WARPING_THRESHOLDS`, the others eleven, at `THRESHOLDS`.

    Raises
    ------
    InputError
        If the shapes differ, the labels are not binary or all unknown, or the
        proposal holds NaN or values outside 0..1.

    References
    ----------
    Arganda-Carreras et al., "Crowdsourcing the creation of image segmentation
    algorithms for connectomics", Front. Neuroanat. 9:142 (2015),
    doi:10.3389/fnana.2015.00142.
    """
    truth, proposed, known = checks.known_pair(labels, proposal, names)
    if not known.any():
        raise InputError(
            f"{names[0]} is {UNKNOWN} throughout, expected known labels; nothing can "
            "be scored"
        )
    sizes = np.count_nonzero(known, axis=(1, 2))
    shown = np.flatnonzero(sizes)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(_evaluate_slice, truth[shown], proposed[shown]))
    scores = (_combine(name, parts, sizes[shown]) for name in METRICS)
    return {
        name: _with_gaps(score, shown, len(sizes))
        for name, score in zip(METRICS, scores, strict=True)
    }


class _Part(dict):
    """A slice's counts or scores by metric, and the seconds they took."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(METRICS, 0.0)

    @contextlib.contextmanager
    def charged(self, *names: str) -> Iterator[None]:
        """Charge the block's processor time to each of these metrics."""
        start = time.thread_time()
        yield
        for name in names:
            self.seconds[name] += time.thread_time() - start


def _evaluate_slice(label: np.ndarray, proposal: np.ndarray) -> _Part:
    """Return one slice's counts or scores at all thresholds."""
    part = _Part()
    proposal = proposal.astype(np.float64)  # the challenge compares doubles
    with part.charged("pixel_error"):
        masks = [proposal > t for t in THRESHOLDS]
        part["pixel_error"] = list(map(pixel_error.counts, repeat(label), masks))
    _compare_segments(part, label, masks)
    with part.charged("warping_error"):
        part["warping_error"] = [
            warping_error.counts(label, proposal, t) for t in WARPING_THRESHOLDS
        ]
    return part


def _compare_segments(part: _Part, label: np.ndarray, masks: list) -> None:
    """Add the metrics that compare segments: Rand error, V_Rand and V_Info."""
    with part.charged("rand_error", "v_rand", "v_info"):
        truth = contingency.segments(components.label(label))
        table = partial(contingency.tabulate, truth)
        basins = list(map(components.label, masks))
    with part.charged("rand_error"):
        tables = list(map(table, basins))
        part["rand_error"] = list(map(rand.counts, tables))
    with part.charged("v_rand", "v_info"):
        tables = [table(thinning.thin(ids)) for ids in basins]
    with part.charged("v_rand"):
        part["v_rand"] = list(map(rand.v_rand, tables))
    with part.charged("v_info"):
        part["v_info"] = list(map(v_info, tables))


def _combine(name: str, parts: list[_Part], sizes: np.ndarray) -> Score:
    """Combine the slices, of some known pixels each, into a score."""
    curve = {
        "pixel_error": pixel_error.curve,
        "rand_error": rand.error_curve,
        "warping_error": warping_error.curve,
        "v_rand": partial(np.mean, axis=0),
        "v_info": partial(np.mean, axis=0),
    }[name]
    counts = np.array([part[name] for part in parts])
    more = [sizes] if name == "warping_error" else []
    alone = np.stack(
        [curve(counts[[i]], *(size[[i]] for size in more)) for i in range(len(counts))]
    )
    seconds = sum(part.seconds[name] for part in parts)
    return _at_best_threshold(curve(counts, *more), alone, name in ERRORS, seconds)


def _with_gaps(score: Score, shown: np.ndarray, slices: int) -> Score:
    """Return a score with NaN for the slices that are not known."""
    if len(shown) == slices:
        return score
    curves = np.full((slices, score.slices.shape[1]), np.nan)
    curves[shown] = score.slices
    return replace(score, slices=curves)


def _at_best_threshold(
    curve: np.ndarray, slices: np.ndarray, lower_is_better: bool, seconds: float
) -> Score:
    """Choose the best threshold, as the challenge does on the stack it scores."""
    k = int(np.argmin(curve) if lower_is_better else np.argmax(curve))
    return Score(float(curve[k]), float(THRESHOLDS[k]), curve, slices, seconds)
