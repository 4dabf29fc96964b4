"""Time a slice in one pass beside ways to cut it into tiles.

First the paper's unpadded network, cut as in the paper; then a padded network
as wide as that of the reference experiment, beside MONAI's sliding window. The
weights are random: the time does not depend on them.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks.peers import peer
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import read_image
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.prediction import torch_network
from unet2015.inference.tiling import Network, on_canvas, predict_blocks
from unet2015.network.device import configure
from unet2015.network.unet import UNet
from unet2015.settings import read_settings

PART = "tiling"
CPU = torch.device("cpu")
OVERLAPS = (0.25, 0.5)
"""Of neighbouring windows: MONAI's default, and the one that nnU-Net made usual."""


def main(argv: list[str] | None = None) -> None:
    """Make both networks, time every way of cutting, write the table."""
    args = arguments(argv)
    configure(CPU, args.threads, deterministic=True)
    torch.manual_seed(0)
    image = read_image(args.volume)[0]
    grey = ((image - image.mean()) / image.std()).astype(np.float32)
    tables = [paper_tiles(grey, args), sliding_window(grey, args)]
    write_timings(args.csv, tables, args.threads)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__, "volume network")
    parser.add_argument("--width", type=int, default=64, help="of the paper's network")
    parser.add_argument("--tile", type=int, default=572, help="of the paper, px")
    parser.add_argument("--window", type=int, default=256, help="of MONAI, px")
    add_arguments(parser)
    return parser.parse_args(argv)


def paper_tiles(grey: np.ndarray, args: argparse.Namespace) -> pd.DataFrame:
    """Time the paper's network: the whole slice, our tiles, and the paper's."""
    unet, network = make_network({"width": args.width})
    tile = args.tile
    contenders = [
        Contender("unet2015, one pass", "ours", blocks(grey, unet, network)),
        Contender(
            f"unet2015, inference.tile {tile}",
            "ours",
            blocks(grey, unet, network, tile),
        ),
        Contender(
            f"equal tiles of {tile} -> {unet.sizes.output_side(tile)} px, as drawn "
            "in the paper",
            "peer",
            lambda: equal_tiles(grey, unet, network, tile),
        ),
        one_pass(on_canvas(grey, unet.sizes), network),
    ]
    return interleaved(
        contenders,
        args.repeats,
        part=PART,
        what=f"the paper's network, width {args.width}, {size(grey)}",
        unit="s per slice",
    )


def sliding_window(grey: np.ndarray, args: argparse.Namespace) -> pd.DataFrame:
    """Time a padded network: the whole slice, and MONAI's sliding window."""
    settings = {**read_settings(args.network, "network"), "padding": "same"}
    unet, network = make_network(settings)
    contenders = [Contender("unet2015, one pass", "ours", blocks(grey, unet, network))]
    if not args.no_peers:
        contenders += [
            Contender(
                f"MONAI sliding_window_inference, {args.window} px, overlap {overlap}",
                "peer",
                monai_run(grey, unet, args.window, overlap),
            )
            for overlap in OVERLAPS
        ]
    return interleaved(
        [*contenders, one_pass(grey, network)],
        args.repeats,
        part=PART,
        what=f"a padded network, width {settings['width']}, {size(grey)}",
        unit="s per slice",
    )


def make_network(settings: dict) -> tuple[UNet, Network]:
    """Return a network of random weights, and how it is run."""
    unet = UNet(**settings).eval().to(memory_format=torch.channels_last)
    return unet, torch_network(unet, CPU, "float32")


def size(grey: np.ndarray) -> str:
    """Return a slice's size in words."""
    return f"a slice of {grey.shape[0]} x {grey.shape[1]} px"


def blocks(
    grey: np.ndarray, unet: UNet, network: Network, tile: int = 0
) -> Callable[[], object]:
    """Return the prediction of a slice by the workflow; a tile of 0 = one pass."""
    return lambda: list(predict_blocks(grey, unet.sizes, network, (tile, tile)))


def one_pass(image: np.ndarray, network: Network) -> Contender:
    """Return what cannot be avoided: the network, and nothing around it."""
    return Contender(
        "the network alone on {} x {} px".format(*image.shape),
        "floor",
        lambda: network(image),
    )


def equal_tiles(
    grey: np.ndarray, unet: UNet, network: Network, tile: int
) -> np.ndarray:
    """Predict in tiles of one size, the last ones flush with the slice's end.

    Returns
    -------
    ndarray, float32, shape (2, height, width)
        Logits.
    """
    block, context = unet.sizes.output_side(tile), unet.sizes.context
    logits = np.empty((2, *grey.shape), np.float32)
    for top in starts(grey.shape[0], block):
        for left in starts(grey.shape[1], block):
            places = (range(s - context, s - context + tile) for s in (top, left))
            found = network(crop_mirrored(grey, *places))
            there = logits[:, top : top + block, left : left + block]
            there[...] = found[:, : there.shape[1], : there.shape[2]]
    return logits


def starts(side: int, block: int) -> list[int]:
    """Return where blocks of one size start so that they cover a side.

    Examples
    --------
    >>> starts(512, 388)
    [0, 124]
    """
    last = max(0, side - block)
    return [*range(0, last, block), last]


def monai_run(
    grey: np.ndarray, unet: UNet, window: int, overlap: float
) -> Callable[[], torch.Tensor]:
    """Return the prediction of a slice by MONAI's sliding window."""
    inferers = peer("monai.inferers")
    tensor = torch.from_numpy(grey)[None, None]
    tensor = tensor.contiguous(memory_format=torch.channels_last)

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return inferers.sliding_window_inference(
                tensor, (window, window), 1, unet, overlap=overlap
            )

    return run


if __name__ == "__main__":
    cli.run(main)
