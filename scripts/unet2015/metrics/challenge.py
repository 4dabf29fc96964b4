"""All five metrics of the challenge on a stack, in one go."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat

import numpy as np

from unet2015.metrics import (
    checks,
    components,
    contingency,
    pixel_error,
    rand_error,
    thinning,
    v_info,
    v_rand,
    warping_error,
)
from unet2015.metrics.score import Score, best
from unet2015.metrics.thresholds import sweep

THRESHOLDS = sweep(1.0)
"""Thresholds of all metrics but warping."""

WARPING_THRESHOLDS = sweep(0.9)
"""Thresholds of the warping error: the first ten."""

ERRORS = ("pixel_error", "rand_error", "warping_error")
"""The metrics of which the lowest value is the best."""

METRICS = (*ERRORS, "v_rand", "v_info")
"""All metrics, in the order of the results."""


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

    Parameters
    ----------
    labels : ndarray, shape (slices, height, width)
        255 (or 1) = cell interior, 0 = membrane.
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
        If the shapes differ, the labels are not binary, or the proposal holds
        NaN or values outside 0..1.
    """
    checks.same_shape(labels, proposal, names)
    truth = checks.binary(labels, names[0])
    proposed = checks.probabilities(proposal, names[1])
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(_evaluate_slice, truth, proposed))
    return {name: _combine(name, parts, truth[0].size) for name in METRICS}


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
        part["rand_error"] = list(map(rand_error.counts, tables))
    with part.charged("v_rand", "v_info"):
        tables = [table(thinning.thin(ids)) for ids in basins]
    with part.charged("v_rand"):
        part["v_rand"] = list(map(v_rand.score, tables))
    with part.charged("v_info"):
        part["v_info"] = list(map(v_info.score, tables))


def _combine(name: str, parts: list[_Part], pixels: int) -> Score:
    """Combine the slices into a score."""
    curve = {
        "pixel_error": pixel_error.curve,
        "rand_error": rand_error.curve,
        "warping_error": partial(warping_error.curve, pixels=pixels),
        "v_rand": v_rand.curve,
        "v_info": v_info.curve,
    }[name]
    counts = np.array([part[name] for part in parts])
    alone = np.stack([curve(counts[i : i + 1]) for i in range(len(counts))])
    seconds = sum(part.seconds[name] for part in parts)
    return best(curve(counts), alone, THRESHOLDS, name in ERRORS, seconds)
