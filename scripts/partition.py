"""Partition a prediction into instances by its affinities.

The probability of cell interior is set to 0 along the borders of the instances, so that
no two of them touch; its file is of the same kind as before. The instances are a uint32
stack in which every pixel has the id of its cell.
"""

import argparse

import numpy as np

from unet2015 import cli
from unet2015.data.affinities import read_affinities
from unet2015.data.same_shape import check_shapes
from unet2015.data.stacks import check_probability
from unet2015.data.tiff import open_stack
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.inference.partitioning import partition, with_borders
from unet2015.settings import read_settings


def main(argv: list[str] | None = None) -> None:
    """Read the affinities, partition the stack, write it slice by slice."""
    args = arguments(argv)
    settings = read_settings(args.partition, "partition")
    affinities, offsets = read_affinities(args.affinities)
    voxel, name = read_voxel(args.probability), str(args.probability)
    with open_stack(args.probability) as stack:
        shape = (len(affinities), *affinities.shape[2:])
        check_shapes(name, stack.shape, str(args.affinities), shape)
        labels = partition(affinities, offsets, settings)
        slices = (
            with_borders(check_probability(stack[index], name), labels[index])
            for index in range(len(stack))
        )
        write_for_viewers(args.output, slices, shape, np.float32, voxel)
    write_for_viewers(args.instances, labels, shape, np.uint32, voxel)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__,
        "probability",
        affinities="TIFF that predict wrote",
        partition=cli.SETTINGS,
        output="probability, TIFF",
        instances="ids of cells, TIFF",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    cli.run(main)
