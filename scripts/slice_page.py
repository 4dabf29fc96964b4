"""Write a page that shows a prediction slice by slice.

One HTML file: a slider over the slices; image, probability, cells and, with labels,
splits and merges can be switched on and off. It opens in any browser, also on a phone.
Images of other types than 8 bits are shown between the 0.5 and the 99.5 percentile of
the slice in the middle.
"""

import argparse
import contextlib
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.data.grey_levels import measured_range
from unet2015.data.open_stack import OpenStack
from unet2015.data.stacks import check_labels, check_probability, open_image
from unet2015.data.tiff import open_stack
from unet2015.errors import InputError
from unet2015.figures.slice_layers import SliceLayers, errors_of, pictures
from unet2015.inference.segmentation import THRESHOLD
from unet2015.report.slice_page import render_slices


def main(argv: list[str] | None = None) -> None:
    """Read the stacks slice by slice and write the page."""
    args = arguments(argv)
    with contextlib.ExitStack() as files:
        image = open_image(args.volume, shown_range(args.volume))
        stacks = {"volume": files.enter_context(image)}
        for name in ("probability", "instances", "labels"):
            if getattr(args, name):
                stacks[name] = files.enter_context(open_stack(getattr(args, name)))
        check_shapes(stacks, args)
        shape = stacks["volume"].shape
        shown, shrinkage = pictures(
            lambda index: layers(stacks, index, args), shape, int(args.megabytes * 1e6)
        )
    title = args.title or f"Cells of {args.volume.name}"
    write_text(
        args.output, render_slices(title, note(shape, shown, shrinkage), shape, shown)
    )


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__, "volume probability", instances="TIFF", output="HTML")
    parser.add_argument("--labels", type=Path, help="255 = interior, 0 = membrane")
    parser.add_argument(
        "--threshold",
        type=float,
        default=THRESHOLD,
        help="at which errors are looked for",
    )
    parser.add_argument("--title", help="else the name of the volume")
    parser.add_argument(
        "--megabytes",
        type=float,
        default=25,
        help="of all pictures; they are made smaller, then slices are left out",
    )
    return parser.parse_args(argv)


def shown_range(volume: Path) -> tuple[float, float] | None:
    """Return which values are shown black and white; None for images of 8 bits."""
    with open_stack(volume) as stack:
        if stack.dtype == np.uint8:
            return None
        return measured_range(stack[len(stack) // 2], str(volume))


def check_shapes(stacks: dict[str, OpenStack], args: argparse.Namespace) -> None:
    """Raise InputError unless all stacks have one shape."""
    expected = stacks["volume"].shape
    for name, stack in stacks.items():
        if stack.shape != expected:
            raise InputError(
                f"{getattr(args, name)} has the shape {stack.shape}, expected "
                f"{expected} as {args.volume}; give stacks that belong together"
            )


def layers(
    stacks: dict[str, OpenStack], index: int, args: argparse.Namespace
) -> SliceLayers:
    """Read all that is shown of a slice."""
    probability = check_probability(stacks["probability"][index], str(args.probability))
    errors = None
    if "labels" in stacks:
        labels = check_labels(stacks["labels"][index], str(args.labels))
        errors = errors_of(labels, probability, args.threshold)
    return SliceLayers(
        stacks["volume"][index], probability, stacks["instances"][index], errors
    )


def note(shape: tuple[int, int, int], shown: list[dict], shrinkage: int) -> str:
    """Say what the page shows of the stack."""
    slices = "slice" if shape[0] == 1 else "slices"
    parts = [f"{shape[0]} {slices} of {shape[1]} x {shape[2]} px"]
    if shrinkage > 1:
        parts.append(f"pictures {shrinkage} times smaller")
    if len(shown) < shape[0]:
        parts.append(f"{len(shown)} of the slices")
    if "errors" in shown[0]:
        parts.append("errors: orange where a cell is split, blue where cells merge")
    return "; ".join(parts)


if __name__ == "__main__":
    cli.run(main)
