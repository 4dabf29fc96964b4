"""Number the cells of a prediction.

The output is a uint32 stack, a TIFF or, if its name ends in .zarr, an OME-Zarr, in
which every pixel has the id of its cell: the pieces above the threshold, grown over the
membranes between them. A cell keeps its id from slice to slice. Slices are read,
segmented and written one by one. Example:

    unet2015 segment --probability probability.tif --output instances.tif
"""

import argparse
from collections.abc import Iterator

import numpy as np

from unet2015 import cli
from unet2015.data.open_stack import OpenStack
from unet2015.data.stacks import check_probability
from unet2015.data.tiff import open_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.errors import InputError
from unet2015.inference.linking import linked
from unet2015.inference.segmentation import LEAST, THRESHOLD, segment


def main(argv: list[str] | None = None) -> None:
    """Read, segment and write slice by slice."""
    args = arguments(argv)
    if not 0 <= args.threshold < 1:
        raise InputError(
            f"--threshold is {args.threshold:g}, expected 0 or more and less than 1; "
            "give a probability"
        )
    with open_stack(args.probability) as stack:
        slices = segmented(stack, args)
        if args.ids == "stack":
            slices = linked(slices)
        voxel = read_voxel(args.probability)
        write_for_viewers(args.output, slices, stack.shape, np.uint32, voxel)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__, "probability", output="TIFF, or OME-Zarr if it ends so"
    )
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        help="interior is above it; the default was chosen on ISBI 2012's folds",
    )
    parser.add_argument(
        "--least",
        type=cli.at_least_one,
        default=LEAST,
        help="pixels; smaller pieces join the neighbour with the longest border",
    )
    parser.add_argument(
        "--ids",
        choices=("stack", "slice"),
        default="stack",
        help="a cell's id goes on through the stack, or every slice counts from 1",
    )
    return parser.parse_args(argv)


def segmented(stack: OpenStack, args: argparse.Namespace) -> Iterator[np.ndarray]:
    """Yield the cells of each slice, numbered from 1."""
    for index in cli.progress(range(len(stack)), unit="slice"):
        probability = check_probability(stack[index], str(args.probability))
        yield segment(probability, args.threshold, args.least)
