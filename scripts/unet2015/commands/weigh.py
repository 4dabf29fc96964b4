"""Compute the border-weight map of label slices (paper, equation 2).

Input: a TIFF stack, or an .npy array of samples. Values 0 and 255 (or 1) are membrane
and interior, 127 is unknown and weighs nothing; with --instances every value but 0 is
the id of a cell. Output: a float32 TIFF stack, or a float16 .npy array, by the name's
ending. Example:

    unet2015 weight-map --labels truth.tif --output weights.tif --class-balance
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.data.stacks import INTERIOR, UNKNOWN, check_labels, warn_of_polarity
from unet2015.data.tiff import read_stack, write_stack
from unet2015.data.training_slices import read_statistics
from unet2015.samples.label_checks import check_instances, check_masks
from unet2015.samples.stored import open_array, writing_array
from unet2015.samples.weight_map import class_weights, weigh_labels, weight_map
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Read labels, weigh each slice, write the maps."""
    args = arguments(argv)
    labels = read_label_array(args.labels, args.instances)
    settings = vars(args)
    if args.weights:
        settings = read_settings(args.weights, "weights")
    classes = class_weights(interior_of(args, labels), settings["class_balance"])

    def weigh(part: np.ndarray) -> np.ndarray:
        made = weight_map if args.instances else weigh_labels
        return made(part, classes, settings["w0"], settings["sigma"])

    with cli.timed(args.seconds):
        if args.output.suffix == ".npy":
            with writing_array(args.output, labels.shape, np.float16) as weights:
                weigh_all(weigh, labels, weights, args.threads)
        else:
            weights = np.empty(labels.shape, dtype=np.float32)
            weigh_all(weigh, labels, weights, args.threads)
            write_stack(args.output, weights)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = cli.parser(__doc__, labels="TIFF or .npy", output="TIFF or .npy")
    parser.add_argument("--weights", type=Path, help="JSON with the next three")
    parser.add_argument("--w0", type=float, default=10.0, help="largest border weight")
    parser.add_argument("--sigma", type=float, default=5.0, help="its decay, pixels")
    parser.add_argument(
        "--class-balance", action="store_true", help="weigh classes by 1 / frequency"
    )
    parser.add_argument(
        "--statistics",
        type=Path,
        help="JSON of training_statistics.py with that frequency, else of the labels",
    )
    parser.add_argument("--instances", action="store_true", help="labels are ids")
    parser.add_argument("--seconds", type=Path, help="how long it took, JSON")
    parser.add_argument("--threads", type=cli.at_least_one, default=1)
    return parser.parse_args(argv)


def read_label_array(path: Path, instances: bool) -> np.ndarray:
    """Read and check labels of either format."""
    stored = path.suffix == ".npy"
    labels = open_array(path) if stored else read_stack(path)
    if instances:
        return check_instances(labels, str(path))
    # The polarity cannot be told from samples, which may hold few cells.
    if stored:
        return check_masks(labels, str(path))
    labels = check_labels(labels, str(path))
    warn_of_polarity(labels, str(path))
    return labels


def interior_of(args: argparse.Namespace, labels: np.ndarray) -> float:
    """Return the fraction of interior pixels that balances the classes."""
    if args.statistics:
        return read_statistics(args.statistics).interior
    if args.instances:
        return float(np.mean([np.mean(part > 0) for part in labels]))
    cells = sum(np.count_nonzero(part == INTERIOR) for part in labels)
    known = sum(np.count_nonzero(part != UNKNOWN) for part in labels)
    return cells / max(known, 1)


def weigh_all(
    weigh: Callable[[np.ndarray], np.ndarray],
    labels: np.ndarray,
    weights: np.ndarray,
    threads: int,
) -> None:
    """Fill `weights` slice by slice, some at a time, and show the progress."""
    with ThreadPoolExecutor(threads) as pool:
        made = pool.map(weigh, labels)
        done = cli.progress(made, total=len(labels), unit="slice")
        for index, weight in enumerate(done):
            weights[index] = weight
