"""Time the border-weight map beside the recipes that a user would write.

All compute equation 2 of the paper from given instances. The stack of distance
transforms is slow, so it runs on the first slices alone.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks import naive_weight_map
from unet2015.benchmarks.peak_memory import can_measure, peak_rise
from unet2015.benchmarks.timing import Contender, interleaved, summary
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import read_labels
from unet2015.samples.weight_map import instances_of, weight_map

PART = "weight map"
CLASSES, W0, SIGMA = (1.0, 1.0), 10.0, 5.0
WINDOW = 30
"""Pixels around a cell beyond which its border weight is below 2e-7."""


def main(argv: list[str] | None = None) -> None:
    """Read labels, time every recipe, measure its memory, write the table."""
    parser = cli.parser(__doc__, "labels")
    parser.add_argument("--peer-slices", type=cli.at_least_one, default=2)
    add_arguments(parser)
    args = parser.parse_args(argv)
    instances = [instances_of(labels) for labels in read_labels(args.labels)]
    few = instances[: args.peer_slices]
    implementations = recipes()
    size = "{} x {} px".format(*instances[0].shape)
    tables = [
        interleaved(
            [
                contender(recipe, few if recipe.slow else instances)
                for recipe in implementations
            ],
            args.repeats,
            part=PART,
            what=f"border weights of a slice of {size}",
            unit="s per slice",
        )
    ]
    if can_measure():
        tables.append(memory(implementations, few, size))
    write_timings(args.csv, tables, args.threads)


class Recipe(NamedTuple):
    """A way to the weight map of a slice, or a part of it."""

    name: str
    role: str
    compute: Callable[[np.ndarray], np.ndarray]
    slow: bool = False


def recipes() -> list[Recipe]:
    """Return ours, those of users, and one distance transform."""

    def stacked(instances):
        return naive_weight_map.weight_map(instances, CLASSES, W0, SIGMA)

    def one_transform(instances):
        return ndimage.distance_transform_edt(instances == 0)

    window = f"a window of {WINDOW} px around each cell (scipy)"
    return [
        Recipe("unet2015", "ours", ours),
        Recipe(window, "peer", windowed),
        Recipe("stack of a distance transform per cell (scipy)", "peer", stacked, True),
        Recipe("one distance transform (scipy)", "floor", one_transform),
    ]


def contender(recipe: Recipe, slices: list[np.ndarray]) -> Contender:
    """Return a recipe as it is timed, on each of the slices."""
    return Contender(
        recipe.name,
        recipe.role,
        lambda: [recipe.compute(part) for part in slices],
        units=len(slices),
    )


def ours(instances: np.ndarray) -> np.ndarray:
    """Return the weight map as the workflow does."""
    return weight_map(instances, CLASSES, W0, SIGMA)


def windowed(instances: np.ndarray) -> np.ndarray:
    """Return the weight map from distance transforms of each cell's surroundings."""
    nearest = np.full(instances.shape, np.inf)
    second = np.full(instances.shape, np.inf)
    for number, box in enumerate(ndimage.find_objects(instances), start=1):
        rows, columns = (
            slice(max(0, side.start - WINDOW), side.stop + WINDOW) for side in box
        )
        there = np.s_[rows, columns]
        distance = ndimage.distance_transform_edt(instances[there] != number)
        second[there] = np.minimum(second[there], np.maximum(nearest[there], distance))
        nearest[there] = np.minimum(nearest[there], distance)
    border = W0 * np.exp(-((nearest + second) ** 2) / (2 * SIGMA**2))
    return np.where(instances == 0, CLASSES[0] + border, CLASSES[1])


def memory(
    implementations: list[Recipe], slices: list[np.ndarray], size: str
) -> pd.DataFrame:
    """Measure how much memory a slice takes beyond its instances."""
    values = [
        [peak_rise(partial(recipe.compute, part)) for part in slices]
        for recipe in implementations
    ]
    return summary(
        [contender(recipe, slices) for recipe in implementations],
        values,
        part=PART,
        what=f"peak memory for a slice of {size}",
        unit="MiB per slice",
    )


if __name__ == "__main__":
    cli.run(main)
