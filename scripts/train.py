"""Train a U-Net; go on where a run was interrupted.

Samples are read (--sample-images, --sample-labels, --sample-weights) or drawn during
the training (--volume, --labels, --split, --augmentation, --weights); both give the
same model. Whatever determines the result (settings, seed, data, code, torch version)
names the checkpoint, so a changed setting never resumes an old run; kind of device and
precision have to be those that it was computed with.
With --initial, the training begins with the weights of that model, and the statistics
are still those of the slices.
Snapshots, if the settings name steps for them, lie beside the checkpoint and stay; so
does history.csv until the training ends, for figure_training_curves.py.
"""

import argparse
import csv
import io
from pathlib import Path
from typing import NamedTuple

import torch

from unet2015 import cli
from unet2015.atomic_write import write_json, write_text
from unet2015.config.code_version import code_version, commit
from unet2015.data.offsets import check_offsets
from unet2015.data.training_slices import Statistics, read_statistics
from unet2015.errors import InputError
from unet2015.network.allocator import keep_freed
from unet2015.network.device import choose_device, choose_precision, configure, describe
from unet2015.network.model_files import (
    load_model,
    read_card,
    save_model,
    sha256_of,
)
from unet2015.network.out_of_memory import naming
from unet2015.network.same_network import refuse_other_network
from unet2015.network.unet import UNet
from unet2015.samples.batches import Source, read_batch
from unet2015.samples.training_sources import add_arguments, files_of, open_source
from unet2015.settings import read_settings
from unet2015.training.checkpoints import fingerprint, locked, remove_checkpoint
from unet2015.training.trainer import Trainer


class Described(NamedTuple):
    """What a model's files say beside its weights."""

    network: dict
    normalisation: dict  # see unet2015.network.model_files
    seed: int
    pixels: int  # that one step predicts
    initial: dict  # where the training began: `path` and `sha256`, under that name


def main(argv: list[str] | None = None) -> None:
    """Read or draw samples, train, write the model and its history."""
    args = arguments(argv)
    statistics = read_statistics(args.statistics)
    mean, std = statistics.mean, statistics.std
    network = read_network(args.network)
    source = open_source(args, statistics.interior, network.get("affinities", ()))
    network["in_channels"] = source.channels
    device = choose_device(args.device)
    settings = read_settings(args.training, "training")
    configure(device, args.threads, settings["deterministic"])
    keep_freed()
    arithmetic = {"precision": choose_precision(settings["precision"], device)}
    torch.manual_seed(args.seed)
    cure = (
        f"lower batch ({settings['batch']}), side ({source.side}) or width "
        f"({network['width']}) of training, augmentation or network"
    )
    with naming(cure):
        unet = make_network(network, source)
        initial = begin_with(args.initial, unet, network) if args.initial else {}
        unet = unet.to(device=device, memory_format=torch.channels_last)
        trainer = Trainer(unet, settings | arithmetic, device)
    pixels = settings["batch"] * unet.sizes.output_side(source.side) ** 2
    described = Described(
        network, normalisation_of(statistics), args.seed, pixels, initial
    )
    folder = args.checkpoints / checkpoint_name(args, network, settings)
    with locked(folder), naming(cure):
        trainer.train(
            lambda step: read_batch(source, step, settings["batch"], mean, std),
            folder / "state.pt",
            args.checkpoint_seconds,
            workers=args.threads,
            keep=lambda: write_snapshot(folder, trainer, described),
            saved=lambda: write_history(folder / "history.csv", trainer),
        )
        write_model(trainer.average.model, described, args.model, args.card)
        write_history(args.history, trainer)
        write_json(args.run, run_record(trainer, described))
        remove_checkpoint(folder)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = cli.parser(
        __doc__,
        "statistics network training",
        model="output safetensors",
        card="output JSON",
        history="output CSV",
        run="output JSON",
    )
    add_arguments(parser)
    parser.add_argument(
        "--initial", type=Path, help="safetensors to begin with, its .json beside it"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of weights, dropout and drawn samples"
    )
    parser.add_argument(
        "--checkpoints", type=Path, default=Path("results/checkpoints"), help="folder"
    )
    parser.add_argument("--checkpoint-seconds", type=float, default=60.0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    return parser.parse_args(argv)


def normalisation_of(statistics: Statistics) -> dict:
    """Return how images become what the network sees, as a model's card notes it."""
    found = {"mean": statistics.mean, "std": statistics.std}
    if statistics.intensity_range is not None:
        found["intensity_range"] = statistics.intensity_range
    return found


def read_network(path: Path) -> dict:
    """Read the settings of a network; without affinities, they are not mentioned.

    So the cards of all models without affinities, old and new, are alike.
    """
    network = read_settings(path, "network")
    if network["affinities"]:
        check_offsets(network["affinities"], f"{path}: affinities")
    else:
        del network["affinities"]
    return network


def make_network(network: dict, source: Source) -> UNet:
    """Make the network and check that it can map the samples."""
    unet = UNet(**network)
    try:
        unet.sizes.output_side(source.side)
    except ValueError as error:
        raise InputError(f"augmentation side: {error}") from error
    return unet


def begin_with(initial: Path, unet: UNet, network: dict) -> dict:
    """Give a network the weights of a model; return what is noted of that."""
    card = initial.with_suffix(".json")
    refuse_other_network(read_card(card)[0], network, f"--initial is {initial}")
    unet.load_state_dict(load_model(initial, card)[0].state_dict())
    return {"initial": {"path": str(initial), "sha256": sha256_of(initial)}}


def checkpoint_name(args: argparse.Namespace, network: dict, settings: dict) -> str:
    """Name the training by all that determines its result."""
    identity = {
        "model": str(args.model),
        "network": network,
        "training": settings,
        "seed": args.seed,
        "torch": torch.__version__,
        "code": code_version(Path(__file__)),
    }
    initial = [args.initial] if args.initial else []
    return fingerprint(identity, [*files_of(args), args.statistics, *initial])


def write_snapshot(folder: Path, trainer: Trainer, described: Described) -> None:
    """Write the weights of now, their average if there is one, and the history.

    Files of ``snapshots/step00300`` in the checkpoint's folder: `model`, `average`
    (each .safetensors, with its .json), `history.csv` and, as the last, `run.json`.
    """
    target = folder / "snapshots" / f"step{trainer.step:06d}"
    target.mkdir(parents=True, exist_ok=True)
    models = {"model": trainer.model}
    if trainer.average.model is not trainer.model:
        models["average"] = trainer.average.model
    for name, model in models.items():
        weights, card = target / f"{name}.safetensors", target / f"{name}.json"
        write_model(model, described, weights, card)
    write_history(target / "history.csv", trainer)
    write_json(target / "run.json", run_record(trainer, described))


def write_model(model: UNet, described: Described, weights: Path, card: Path) -> None:
    """Write a model and its card."""
    noted = described.network, described.normalisation
    save_model(model, *noted, weights, card, **described.initial)


def write_history(path: Path, trainer: Trainer) -> None:
    """Write loss and learning rate of each step so far as CSV."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["step", "seconds", "loss", "learning_rate"])
    for step, seconds, loss, rate in trainer.history:
        writer.writerow([step, f"{seconds:.3f}", f"{loss:.6f}", f"{rate:.6g}"])
    write_text(path, table.getvalue())


def run_record(trainer: Trainer, described: Described) -> dict:
    """Return on what and for how long the model was trained."""
    return {
        "device": describe(trainer.device),
        "precision": trainer.settings["precision"],
        "torch": torch.__version__,
        "commit": commit(),
        "seed": described.seed,
        "steps": trainer.step,
        "pixels": trainer.step * described.pixels,
        "seconds": round(trainer.seconds, 1),
        **described.initial,
    }


if __name__ == "__main__":
    cli.run(main)
