"""Time a training step beside plain PyTorch and MONAI's U-Net.

First the paper's network on its tile of 572 px, then the network and training
of the reference experiment; each in float32 and, where the processor has it, in
bfloat16, as are its peers. The floor is the time that the step's operations
take at the rate of a matrix product; its ratio is the fraction of that rate
which ours reaches.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks.floor import SIDE, count_operations, matrix_product
from unet2015.benchmarks.peers import basic_unet
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.network.allocator import keep_freed
from unet2015.network.device import autocast, configure, native_precisions
from unet2015.network.unet import UNet
from unet2015.settings import defaults, read_settings
from unet2015.training.loss import weighted_cross_entropy
from unet2015.training.optimisers import make_optimiser
from unet2015.training.trainer import Batch, Trainer

PART = "training step"
CPU = torch.device("cpu")
TERA = 1e12


class Task(NamedTuple):
    """A network, its training and its batch."""

    network: dict
    training: dict
    side: int  # of a sample, px

    def at(self, precision: str) -> "Task":
        """Return the same task in another precision."""
        return self._replace(training={**self.training, "precision": precision})

    def batch(self, side: int) -> Batch:
        """Return random images, labels and weights of a side."""
        shape = (self.training["batch"], side, side)
        labels = torch.randint(2, shape)
        return torch.randn(shape)[:, None], labels, torch.ones(shape)


def main(argv: list[str] | None = None) -> None:
    """Time both training steps, write the table."""
    args = arguments(argv)
    configure(CPU, args.threads, deterministic=False)
    keep_freed()  # as train.py does; its peers gain as much
    torch.manual_seed(0)
    training = defaults("training") | {"learning_rate": 3e-4}  # of config/paper.yaml
    paper = Task({"width": args.width}, training, args.side)
    chosen = Task(
        read_settings(args.network, "network"),
        read_settings(args.training, "training"),
        read_settings(args.augmentation, "augmentation")["side"],
    )
    with tempfile.TemporaryDirectory() as folder:
        tables = [
            step(task.at(precision), args, folder)
            for step, task in ((paper_step, paper), (chosen_step, chosen))
            for precision in native_precisions(CPU)
        ]
    write_timings(args.csv, tables, args.threads)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__, "network training augmentation")
    parser.add_argument("--width", type=int, default=64, help="of the paper's network")
    parser.add_argument("--side", type=int, default=572, help="of its tile, px")
    parser.add_argument("--whole", type=int, default=512, help="of a slice, px")
    parser.add_argument("--matrix", type=int, default=SIDE, help="rows of sgemm's")
    add_arguments(parser)
    return parser.parse_args(argv)


def paper_step(task: Task, args: argparse.Namespace, folder: str) -> pd.DataFrame:
    """Time the paper's network; per operation, as MONAI's has another input."""
    batch, precision = task.batch(task.side), task.training["precision"]
    work = count(UNet(**task.network), batch)
    ours = f"unet2015, channels last ({task.side} px, {work / TERA:.3g} TFLOP)"
    contenders = [
        Contender(ours, "ours", our_step(task, batch, folder), work / TERA),
        Contender(
            "the same by plain PyTorch, contiguous",
            "peer",
            plain_step(UNet(**task.network), task, batch, weighted_cross_entropy),
            work / TERA,
        ),
    ]
    if not args.no_peers:
        contenders.append(monai(task, args.whole, TERA))
    contenders.append(matrix_product(TERA, args.matrix, precision))
    return interleaved(
        contenders,
        args.repeats,
        part=PART,
        what=f"the paper's network, width {args.width}, batch 1, {precision}",
        unit="s per TFLOP",
    )


def chosen_step(task: Task, args: argparse.Namespace, folder: str) -> pd.DataFrame:
    """Time the network of the reference experiment; per step, of equal batches."""
    batch, precision = task.batch(task.side), task.training["precision"]
    work = count(UNet(**task.network), batch)
    ours = f"unet2015 ({work / TERA:.3g} TFLOP)"
    contenders = [Contender(ours, "ours", our_step(task, batch, folder))]
    if not args.no_peers:
        contenders.append(monai(task, task.side))
    contenders.append(matrix_product(work, args.matrix, precision))
    name, width = args.network.stem, task.network["width"]
    return interleaved(
        contenders,
        args.repeats,
        part=PART,
        what=f"network {name}, width {width}, batch {len(batch[0])} of {task.side} px, "
        f"{precision}",
        unit="s per step",
    )


def count(network: nn.Module, batch: Batch) -> int:
    """Count the operations of one training step."""
    return count_operations(network, tuple(batch[0].shape), training=True)


def our_step(task: Task, batch: Batch, folder: str) -> Callable[[], None]:
    """Return a step of the workflow's trainer."""
    unet = UNet(**task.network).to(memory_format=torch.channels_last)
    trainer = Trainer(unet, {**task.training, "steps": 1}, CPU)

    def run() -> None:
        trainer.step = 0
        trainer.train(lambda _: batch, Path(folder, "none.pt"), math.inf)

    return run


def plain_step(
    network: nn.Module,
    task: Task,
    batch: Batch,
    loss: Callable[[Tensor, Tensor, Tensor], Tensor],
) -> Callable[[], None]:
    """Return a step as tutorials write it, in the default memory layout."""
    optimiser = make_optimiser(network.train(), task.training)
    images, labels, weights = batch

    def run() -> None:
        optimiser.zero_grad(set_to_none=True)
        with autocast(CPU, task.training["precision"]):
            logits = network(images)
        loss(logits, labels, weights).backward()
        optimiser.step()

    return run


def monai(task: Task, side: int, unit: float | None = None) -> Contender:
    """Return MONAI's U-Net of the same width with a plain cross-entropy.

    Parameters
    ----------
    task : Task
        Gives width, batch and training.
    side : int
        Of its input, which is that of its output, px.
    unit : float, optional
        Operations that are one unit; without it a step is one.
    """
    network, batch = basic_unet(task.network["width"]), task.batch(side)
    work = count(network, batch)

    def cross_entropy(logits: Tensor, labels: Tensor, _: Tensor) -> Tensor:
        return nn.functional.cross_entropy(logits.float(), labels)

    return Contender(
        f"MONAI BasicUNet ({side} px, {work / TERA:.3g} TFLOP)",
        "peer",
        plain_step(network, task, batch, cross_entropy),
        units=work / unit if unit else 1.0,
    )


if __name__ == "__main__":
    cli.run(main)
