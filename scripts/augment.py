"""Materialise augmented training samples as memory-mapped arrays.

Sample i is a pure function of (seed, i): the same image and labels come out
whatever the number of samples or threads.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from unet2015 import cli
from unet2015.data.training_slices import read_training_slices
from unet2015.samples.augmentation import sample
from unet2015.samples.stored import writing_array
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Read the training slices and write the samples."""
    parser = cli.parser(
        __doc__,
        "volume labels split augmentation",
        sample_images=".npy",
        sample_labels=".npy",
    )
    parser.add_argument("--seed", type=int, default=0, help="stream of samples")
    parser.add_argument("--seconds", type=Path, help="how long it took, JSON")
    parser.add_argument("--threads", type=cli.at_least_one, default=1)
    args = parser.parse_args(argv)
    settings = read_settings(args.augmentation, "augmentation")
    slices = read_training_slices(args.volume, args.labels, args.split, settings)
    shape = (settings["samples"], settings["side"], settings["side"])
    channels = slices.images.shape[3:]
    with (
        cli.timed(args.seconds),
        writing_array(args.sample_images, shape + channels, np.uint8) as images,
        writing_array(args.sample_labels, shape, np.uint8) as truths,
    ):

        def fill(index: int) -> None:
            made = sample(slices.images, slices.labels, args.seed, index, settings)
            images[index], truths[index] = made.image, made.labels

        in_parallel(fill, len(images), args.threads)


def in_parallel(fill: Callable[[int], None], count: int, threads: int) -> None:
    """Call `fill` with 0..count - 1, some at a time, and show the progress."""
    cv2.setNumThreads(1)
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(fill, range(count))
        for _ in cli.progress(done, total=count, unit="sample"):
            pass


if __name__ == "__main__":
    cli.run(main)
