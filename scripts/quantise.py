"""Write an 8-bit copy of an ONNX model, calibrated on slices it was trained on.

The slices lie evenly over the training part of the split; those that are scored
have no part in it.
"""

from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.data.adjacent_slices import with_neighbours
from unet2015.data.splits import read_slices
from unet2015.data.stacks import open_image
from unet2015.inference.quantisation import calibration_image, quantise
from unet2015.network.memory import Footprint
from unet2015.network.model_files import read_card


def main() -> None:
    """Read model and slices, write the 8-bit ONNX file."""
    parser = cli.parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="ONNX of export.py")
    parser.add_argument("--card", type=Path, required=True, help="its JSON")
    parser.add_argument("--volume", type=Path, required=True, help="training TIFF")
    parser.add_argument("--split", type=Path, required=True, help="JSON of split.py")
    parser.add_argument(
        "--slices", type=cli.at_least_one, default=8, help="at most, to calibrate on"
    )
    parser.add_argument("--output", type=Path, required=True, help="ONNX")
    args = cli.arguments(parser)
    architecture, normalisation = read_card(args.card)
    footprint = Footprint.of(architecture)
    reach = footprint.in_channels // 2
    with open_image(args.volume) as volume:
        indices = read_slices(args.split, "train", len(volume))
        images = (
            calibration_image(
                with_neighbours(volume, index, reach, indices),
                footprint.geometry,
                normalisation,
            )
            for index in spread(indices, args.slices)
        )
        quantise(args.model, images, architecture, args.output)


def spread(indices: list[int], count: int) -> list[int]:
    """Return `count` indices, or all if there are fewer, evenly from first to last."""
    places = np.linspace(0, len(indices) - 1, min(count, len(indices)))
    return [indices[place] for place in places.round().astype(int)]


if __name__ == "__main__":
    cli.run(main)
