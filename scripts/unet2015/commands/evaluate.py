"""Score a proposal against labels by the five metrics of the ISBI 2012 challenge.

Pixel, Rand and warping error (lower is better), V_Rand and V_Info after
thinning (higher is better), each at its best threshold of 0, 0.1, ..., 1.
Labels: 255 = cell interior, 0 = membrane, 127 = not known.
Probability: of cell interior, 0..1. Example:

    unet2015 evaluate --labels truth.tif --probability new.tif --output scores.json
"""

import logging
import sys
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.data.splits import read_slices
from unet2015.data.stacks import is_unknown
from unet2015.data.tiff import read_stack
from unet2015.metrics import checks, score_files
from unet2015.metrics.challenge import Score, evaluate


def main(argv: list[str] | None = None) -> None:
    """Read both stacks, score them, write JSON and table."""
    parser = cli.parser(__doc__, "labels probability", output="scores, JSON")
    parser.add_argument("--scores", type=Path, help="curves of each slice, CSV")
    parser.add_argument(
        "--split", type=Path, help="JSON of split.py: the label slices to compare"
    )
    parser.add_argument(
        "--rescale", action="store_true", help="divide probabilities 0..255 by 255"
    )
    parser.add_argument(
        "--threads", type=cli.at_least_one, default=2, help="slices at a time"
    )
    args = parser.parse_args(argv)
    labels = read_stack(args.labels)
    slices = list(range(len(labels)))
    if args.split:
        slices = read_slices(args.split, "score", len(labels))
    proposal = read_stack(args.probability)
    if args.rescale:
        proposal = checks.rescaled(proposal, str(args.probability))
    names = (str(args.labels), str(args.probability))
    scores = scored(labels[slices], proposal, args.threads, names)
    write_text(args.output, score_files.as_json(scores))
    if args.scores:
        write_text(args.scores, score_files.as_csv(scores, slices))
    sys.stdout.write(score_files.as_text(scores))


def scored(
    labels: np.ndarray, proposal: np.ndarray, threads: int, names: tuple[str, str]
) -> dict[str, Score] | None:
    """Return the scores, or None if the labels are not known.

    Parameters
    ----------
    labels, proposal, threads, names
        See :func:`unet2015.metrics.challenge.evaluate`; labels are unknown if they are
        127 throughout.
    """
    if not is_unknown(labels):
        return evaluate(labels, proposal, threads, names)
    checks.same_shape(labels, proposal, names)
    checks.probabilities(proposal, names[1])
    logging.info("%s is filled with 127: labels unknown, nothing to score", names[0])
    return None
