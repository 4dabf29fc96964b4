"""Time one whole slice through the paper's network on several runtimes.

The weights are random: the time does not depend on them. The floor is the time
that the network's operations take at the rate of a matrix product; its ratio is
the fraction of that rate which ours reaches.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks.floor import SIDE, matrix_product
from unet2015.benchmarks.peers import basic_unet, peer
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import read_image
from unet2015.inference.backends import CPU, onnx_network, open_session
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.onnx_export import export_model
from unet2015.inference.prediction import torch_network
from unet2015.inference.quantisation import calibration_image, quantise
from unet2015.inference.tiling import canvas_side, margin_of
from unet2015.network.device import configure
from unet2015.network.flops import operations
from unet2015.network.unet import UNet

Run = Callable[[], object]


class Files(NamedTuple):
    """The network as ONNX, in float32 and in 8 bits."""

    float32: Path
    int8: Path


def main() -> None:
    """Make the network and its ONNX files, time every runtime, write the table."""
    args = arguments()
    configure(torch.device("cpu"), args.threads, deterministic=True)
    torch.manual_seed(0)
    unet = UNet(width=args.width).eval()
    image = read_image(args.volume)[0]
    grey = ((image - image.mean()) / image.std()).astype(np.float32)
    canvas = on_canvas(grey, unet)
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder, "model.onnx"), Path(folder, "model.int8.onnx"))
        write_files(unet, args.width, image, files)
        contenders = ours(unet, canvas, files, args.threads)
        if not args.no_peers:
            contenders += peers(args, grey, canvas, files)
        work = operations(unet, (1, 1, *canvas.shape), training=False)
        table = interleaved(
            [*contenders, matrix_product(work, args.matrix)],
            args.repeats,
            part="inference",
            what=(
                f"the paper's network, width {args.width}, a slice of "
                "{} x {} px ({} x {} with its context, {:.3g} TFLOP)".format(
                    *grey.shape, *canvas.shape, work / 1e12
                )
            ),
            unit="s per slice",
        )
    write_timings(args.csv, [table], args.threads)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__)
    parser.add_argument("--volume", type=Path, required=True, help="image TIFF")
    parser.add_argument("--width", type=int, default=64, help="of the paper's network")
    parser.add_argument("--matrix", type=int, default=SIDE, help="rows of sgemm's")
    add_arguments(parser)
    return cli.arguments(parser)


def on_canvas(grey: np.ndarray, unet: UNet) -> np.ndarray:
    """Return a slice with the mirrored context that the network needs."""
    margin = margin_of(unet.geometry)
    rows, columns = (
        range(-margin, canvas_side(side, unet.geometry) - margin) for side in grey.shape
    )
    return crop_mirrored(grey, rows, columns)


def write_files(unet: UNet, width: int, image: np.ndarray, files: Files) -> None:
    """Write the network as ONNX, in float32 and in 8 bits."""
    normalisation = {"mean": float(image.mean()), "std": float(image.std())}
    export_model(unet, {"width": width}, files.float32)
    part = calibration_image(image, unet.geometry, normalisation)
    quantise(files.float32, [part], {"width": width}, files.int8)


def ours(unet: UNet, canvas: np.ndarray, files: Files, threads: int) -> list[Contender]:
    """Return what the setting `inference.backend` chooses from, and plain PyTorch."""
    network = torch_network(
        unet.to(memory_format=torch.channels_last), torch.device("cpu")
    )
    found = [
        Contender("unet2015, torch, channels last", "ours", lambda: network(canvas))
    ]
    for name, file in files._asdict().items():
        session = open_session(file, [CPU], threads)
        run = onnx_network(session, unet.geometry)
        found.append(
            Contender(
                f"unet2015, onnxruntime, {name}", "ours", lambda run=run: run(canvas)
            )
        )
    plain = UNet(width=unet.head.in_channels).eval()
    return [
        *found,
        Contender("plain PyTorch, contiguous", "peer", torch_run(plain, canvas)),
    ]


def peers(
    args: argparse.Namespace, grey: np.ndarray, canvas: np.ndarray, files: Files
) -> list[Contender]:
    """Return OpenVINO on the same network, and MONAI's, which needs no context."""
    monai = basic_unet(args.width).eval()
    return [
        Contender(
            "OpenVINO, float32 (from the ONNX file)",
            "peer",
            openvino_run(files.float32, canvas, args.threads),
        ),
        Contender(
            "MONAI BasicUNet, {} x {} px, {:.3g} TFLOP".format(
                *grey.shape, operations(monai, (1, 1, *grey.shape), False) / 1e12
            ),
            "peer",
            torch_run(monai, grey),
        ),
    ]


def torch_run(network: nn.Module, image: np.ndarray) -> Run:
    """Return a forward pass as tutorials write it, in the default memory layout."""
    tensor = torch.from_numpy(image)[None, None]

    def run() -> torch.Tensor:
        with torch.inference_mode():
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
