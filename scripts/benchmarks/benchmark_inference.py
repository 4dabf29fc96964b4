"""Time one whole slice through the paper's network on several runtimes.

The weights are random: the time does not depend on them. Where the processor has
bfloat16, torch is timed in it once more, beside MONAI's network in it. The floor is
the time that the network's operations take at the rate of a matrix product; its ratio
is the fraction of that rate which ours reaches.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks.floor import SIDE, count_operations, matrix_product
from unet2015.benchmarks.peers import basic_unet, peer
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import read_image
from unet2015.inference.backends import CPU, onnx_network, open_session
from unet2015.inference.onnx_export import export_model
from unet2015.inference.prediction import torch_network
from unet2015.inference.tiling import on_canvas
from unet2015.network.device import autocast, configure, native_precisions
from unet2015.network.flops import operations
from unet2015.network.layers import unet_layers
from unet2015.network.unet import UNet

Run = Callable[[], object]


def main(argv: list[str] | None = None) -> None:
    """Make the network and its ONNX file, time every runtime, write the table."""
    args = arguments(argv)
    configure(torch.device("cpu"), args.threads, deterministic=True)
    torch.manual_seed(0)
    unet = UNet(width=args.width).eval()
    image = read_image(args.volume)[0]
    grey = ((image - image.mean()) / image.std()).astype(np.float32)
    canvas = on_canvas(grey, unet.sizes)
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder, "model.onnx")
        export_model(unet, {"width": args.width}, exported)
        contenders = ours(unet, canvas, exported, args.threads)
        if not args.no_peers:
            contenders += peers(args, grey, canvas, exported)
        tables = [timed(contenders, "float32", grey, canvas, args)]
    if "bfloat16" in native_precisions(torch.device("cpu")):
        contenders = in_bfloat16(unet, grey, canvas, args)
        tables.append(timed(contenders, "bfloat16", grey, canvas, args))
    write_timings(args.csv, tables, args.threads)


def timed(
    contenders: list[Contender],
    precision: str,
    grey: np.ndarray,
    canvas: np.ndarray,
    args: argparse.Namespace,
) -> pd.DataFrame:
    """Time runtimes beside a matrix product of the same precision."""
    work = operations(unet_layers(width=args.width), *canvas.shape)
    return interleaved(
        [*contenders, matrix_product(work, args.matrix, precision)],
        args.repeats,
        part="inference",
        what=(
            f"the paper's network, width {args.width}, a slice of "
            "{} x {} px ({} x {} with its context, {:.3g} TFLOP), {}".format(
                *grey.shape, *canvas.shape, work / 1e12, precision
            )
        ),
        unit="s per slice",
    )


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__, "volume")
    parser.add_argument("--width", type=int, default=64, help="of the paper's network")
    parser.add_argument("--matrix", type=int, default=SIDE, help="rows of sgemm's")
    add_arguments(parser)
    return parser.parse_args(argv)


def ours(
    unet: UNet, canvas: np.ndarray, exported: Path, threads: int
) -> list[Contender]:
    """Return what the setting `inference.backend` chooses from, and plain PyTorch."""
    run = onnx_network(open_session(exported, [CPU], threads), unet.sizes)
    plain = UNet(width=unet.head.in_channels).eval()
    return [
        our_torch(unet, canvas, "float32"),
        Contender("unet2015, onnxruntime, float32", "ours", lambda: run(canvas)),
        Contender("plain PyTorch, contiguous", "peer", torch_run(plain, canvas)),
    ]


def in_bfloat16(
    unet: UNet, grey: np.ndarray, canvas: np.ndarray, args: argparse.Namespace
) -> list[Contender]:
    """Return ours and MONAI's network by torch in bfloat16."""
    found = [our_torch(unet, canvas, "bfloat16")]
    return found if args.no_peers else [*found, monai(args.width, grey, "bfloat16")]


def our_torch(unet: UNet, canvas: np.ndarray, precision: str) -> Contender:
    """Return the backend `torch` of the workflow."""
    network = torch_network(
        unet.to(memory_format=torch.channels_last), torch.device("cpu"), precision
    )
    name = "unet2015, torch, channels last"
    return Contender(name, "ours", lambda: network(canvas))


def peers(
    args: argparse.Namespace, grey: np.ndarray, canvas: np.ndarray, exported: Path
) -> list[Contender]:
    """Return OpenVINO on the same network, and MONAI's, which needs no context."""
    return [
        Contender(
            "OpenVINO, float32 (from the ONNX file)",
            "peer",
            openvino_run(exported, canvas, args.threads),
        ),
        monai(args.width, grey, "float32"),
    ]


def monai(width: int, grey: np.ndarray, precision: str) -> Contender:
    """Return MONAI's network, which needs no context, by torch."""
    network = basic_unet(width).eval()
    work = count_operations(network, (1, 1, *grey.shape), False)
    name = "MONAI BasicUNet, {} x {} px, {:.3g} TFLOP".format(*grey.shape, work / 1e12)
    return Contender(name, "peer", torch_run(network, grey, precision))


def torch_run(network: nn.Module, image: np.ndarray, precision: str = "float32") -> Run:
    """Return a forward pass as tutorials write it, in the default memory layout."""
    tensor = torch.from_numpy(image)[None, None]

    def run() -> torch.Tensor:
        with torch.inference_mode(), autocast(torch.device("cpu"), precision):
            return network(tensor)

    return run


def openvino_run(path: Path, image: np.ndarray, threads: int) -> Run:
    """Return a forward pass of an ONNX file by OpenVINO, in float32."""
    core = peer("openvino").Core()
    compiled = core.compile_model(
        path,
        "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"},
    )
    tensor = image[None, None]
    return lambda: compiled([tensor])


if __name__ == "__main__":
    cli.run(main)
