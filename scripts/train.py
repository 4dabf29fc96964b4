"""Train a U-Net on materialised samples; go on where a run was interrupted.

Whatever determines the result (settings, seed, data, code, torch version) names
the checkpoint, so a changed setting never resumes an old run.
"""

import csv
import io
import json
import shutil
from pathlib import Path

import torch

from unet2015 import cli
from unet2015.atomic import write_text
from unet2015.batches import read_batch
from unet2015.checkpoints import fingerprint
from unet2015.device import choose_device, configure, describe
from unet2015.errors import InputError
from unet2015.imports import closure
from unet2015.model import UNet
from unet2015.model_files import save_model
from unet2015.samples import Samples, grey_statistics, open_samples
from unet2015.settings import read_json
from unet2015.training import Trainer


def main() -> None:
    """Read samples and settings, train, write the model and its history."""
    args = arguments()
    network, settings = read_json(args.network), read_json(args.training)
    samples = open_samples(args.images, args.labels, args.weights)
    device = choose_device(args.device)
    configure(device, args.threads, settings["deterministic"])
    torch.manual_seed(args.seed)
    unet = make_network(network, samples).to(
        device=device, memory_format=torch.channels_last
    )
    mean, std = grey_statistics(samples.images)
    trainer = Trainer(unet, settings, device)
    folder = args.checkpoints / checkpoint_name(args, network, settings)
    trainer.train(
        lambda step: read_batch(samples, step, settings["batch"], mean, std),
        folder / "state.pt",
        args.checkpoint_seconds,
    )
    save_model(
        trainer.average.model,
        network,
        {"mean": mean, "std": std},
        args.model,
        args.card,
    )
    write_text(args.history, history_table(trainer.history))
    write_text(args.run, run_record(trainer, device, args.seed))
    shutil.rmtree(folder, ignore_errors=True)


def arguments():
    """Parse the command line."""
    parser = cli.parser(__doc__)
    for name in ("images", "labels", "weights"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="input .npy")
    parser.add_argument("--network", type=Path, required=True, help="settings, JSON")
    parser.add_argument("--training", type=Path, required=True, help="settings, JSON")
    parser.add_argument("--seed", type=int, default=0, help="of weights and dropout")
    parser.add_argument("--model", type=Path, required=True, help="output safetensors")
    parser.add_argument("--card", type=Path, required=True, help="output JSON")
    parser.add_argument("--history", type=Path, required=True, help="output CSV")
    parser.add_argument("--run", type=Path, required=True, help="output JSON")
    parser.add_argument(
        "--checkpoints", type=Path, default=Path("results/checkpoints"), help="folder"
    )
    parser.add_argument("--checkpoint-seconds", type=float, default=60.0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    return cli.arguments(parser)


def make_network(network: dict, samples: Samples) -> UNet:
    """Make the network and check that it can map the samples."""
    unet = UNet(**network)
    try:
        unet.geometry.output_side(samples.images.shape[-1])
    except ValueError as error:
        raise InputError(f"augmentation side: {error}") from error
    return unet


def checkpoint_name(args, network: dict, settings: dict) -> str:
    """Name the training by all that determines its result."""
    identity = {
        "network": network,
        "training": settings,
        "seed": args.seed,
        "torch": torch.__version__,
    }
    code = closure(Path(__file__))
    return fingerprint(identity, [args.images, args.labels, args.weights, *code])


def history_table(history: list[list[float]]) -> str:
    """Return the history as CSV."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["step", "seconds", "loss", "learning_rate"])
    for step, seconds, loss, rate in history:
        writer.writerow([step, f"{seconds:.3f}", f"{loss:.6f}", f"{rate:.6g}"])
    return table.getvalue()


def run_record(trainer: Trainer, device: torch.device, seed: int) -> str:
    """Return on what and for how long the model was trained, as JSON."""
    record = {
        "device": describe(device),
        "torch": torch.__version__,
        "seed": seed,
        "steps": trainer.step,
        "seconds": round(trainer.seconds, 1),
    }
    return json.dumps(record, indent=2) + "\n"


if __name__ == "__main__":
    cli.run(main)
