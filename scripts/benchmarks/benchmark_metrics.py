"""Time the five metrics beside what a user would pick instead.

Ours runs on the whole stack. The peers are slow: scikit-image runs on the first
slices, plain Python on a corner of the first. Times are given per slice, those
of the corner in proportion to its pixels.
"""

import sys
from pathlib import Path

import numpy as np
from skimage.measure import label
from skimage.metrics import adapted_rand_error, variation_of_information
from skimage.segmentation import watershed

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks import naive_metrics
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import read_labels, read_probability
from unet2015.metrics.challenge import THRESHOLDS, evaluate
from unet2015.metrics.checks import interior_pair


def main(argv: list[str] | None = None) -> None:
    """Read a stack and its proposal, time everything, write the table."""
    parser = cli.parser(__doc__, "labels probability")
    parser.add_argument("--peer-slices", type=cli.at_least_one, default=3)
    parser.add_argument("--corner", type=cli.at_least_one, default=128, help="px")
    add_arguments(parser)
    args = parser.parse_args(argv)
    labels, proposal = read_labels(args.labels), read_probability(args.probability)
    few = slice(0, args.peer_slices)
    corner = np.s_[:1, : args.corner, : args.corner]
    truth, proposed, _ = interior_pair(labels, proposal)
    contenders = [
        *ours(labels, proposal, args.threads),
        scikit_image_contender(truth[few], proposed[few]),
        plain_python_contender(truth, proposed, corner),
        contingency_contender(truth, proposed),
    ]
    table = interleaved(
        contenders,
        args.repeats,
        part="metrics",
        what="five metrics at {} thresholds, slices of {} x {} px".format(
            len(THRESHOLDS), *labels.shape[1:]
        ),
        unit="s per slice",
    )
    write_timings(args.csv, [table], args.threads)


def ours(labels: np.ndarray, proposal: np.ndarray, threads: int) -> list[Contender]:
    """Return the workflow's metrics on all threads and on one."""

    def on(count: int) -> Contender:
        return Contender(
            f"unet2015 (threads: {count})",
            "ours",
            lambda: evaluate(labels, proposal, count),
            units=len(labels),
        )

    return [on(count) for count in sorted({threads, 1}, reverse=True)]


def scikit_image_contender(labels: np.ndarray, proposal: np.ndarray) -> Contender:
    """Return the closest that scikit-image has to four of the five scores."""
    return Contender(
        "scikit-image (no warping error)",
        "peer",
        lambda: scikit_image(labels, proposal),
        units=len(labels),
    )


def scikit_image(labels: np.ndarray, proposal: np.ndarray) -> None:
    """Compute pixel error, Rand error, V_Rand and V_Info with scikit-image."""
    for truth, probability in zip(labels, proposal, strict=True):
        cells = label(truth, connectivity=1)
        for threshold in THRESHOLDS:
            mask = probability > threshold
            np.count_nonzero(mask & truth)
            regions = label(mask, connectivity=1)
            thinned = watershed(-probability, regions, watershed_line=True)
            adapted_rand_error(cells, regions)
            adapted_rand_error(cells, thinned)
            variation_of_information(cells, thinned)


def plain_python_contender(
    labels: np.ndarray, proposal: np.ndarray, corner: tuple
) -> Contender:
    """Return the five curves without any compiled loop, on a corner of a slice."""
    part, proposed = labels[corner], proposal[corner]

    def run() -> None:
        for name in ("pixel", "rand", "v_rand", "v_info", "warping"):
            getattr(naive_metrics, f"{name}_curve")(part, proposed)

    return Contender(
        f"plain Python ({part.shape[1]} x {part.shape[2]} px of a slice)",
        "peer",
        run,
        units=part.size / labels[0].size,
        repeats=1,
        warm_up=False,
    )


def contingency_contender(labels: np.ndarray, proposal: np.ndarray) -> Contender:
    """Return what cannot be avoided: one table of overlaps a threshold and slice."""
    cells = [label(truth, connectivity=1) for truth in labels]

    def run() -> None:
        for found, probability in zip(cells, proposal, strict=True):
            count = int(found.max()) + 1
            for threshold in THRESHOLDS:
                np.bincount((found + count * (probability > threshold)).ravel())

    return Contender("tables of overlaps (numpy.bincount)", "floor", run, len(labels))


if __name__ == "__main__":
    cli.run(main)
