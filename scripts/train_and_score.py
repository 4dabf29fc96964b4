r"""Train, predict and score the reference experiment without Snakemake or network.

For a machine that has torch and four stacks and nothing else, such as a rented GPU:

    python scripts/train_and_score.py --stacks isbi2012/ --output out/ \
        --config config/config.yaml config/paper.yaml config/paper_curve.yaml

Run it again after an interruption: what is done stays, and a training goes on from its
checkpoint. out/pack/ holds history, scores, pictures and model to carry home, every
file below 16 MB; larger ones are cut into numbered parts (`cat NAME.?? > NAME`).
"""

import argparse
import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import evaluate
import figure_errors
import figure_qualitative
import figure_training_curves
import predict
import split
import table_curve
import train
import training_statistics
from unet2015 import cli
from unet2015.atomic_write import write_json, write_text
from unet2015.config.experiments import TRAINED, settings_of, shown_of_snapshots
from unet2015.config.initial_models import NONE, check_initial_models
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.data.dataset import NAMES
from unet2015.errors import InputError
from unet2015.experiments.paper_results import DATASET
from unet2015.settings import of_program

CONFIG = Path(__file__).parents[1] / "config"
LIMIT = 15_000_000
"""Bytes of a packed file."""

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> None:
    """Do what is not done yet, then pack."""
    args = arguments(argv)
    config = complete(read_overlays(args.config))
    check_initial_models(config)
    stacks = {name: args.stacks / f"{name}.tif" for name in NAMES}
    for path in stacks.values():
        if not path.is_file():
            raise InputError(
                f"{path} is missing, expected {', '.join(NAMES)}, each .tif; give the "
                "folder that holds them with --stacks"
            )
    chain = Chain(args, config, stacks)
    chain.train()
    chain.score_model()
    chain.score_snapshots()
    chain.draw()
    pack(args.output, args.output / "pack")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__, stacks="folder of train-volume.tif, ...", output="folder"
    )
    parser.add_argument(
        "--config",
        type=Path,
        nargs="+",
        default=[CONFIG / "config.yaml", CONFIG / "paper.yaml"],
        help="YAML, each over those before it",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of weights, dropout and drawn samples"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--threads", type=cli.at_least_one, default=2, help="of all, samples included"
    )
    return parser.parse_args(argv)


class Chain:
    """The programs in the order in which the data pass them."""

    def __init__(self, args: argparse.Namespace, config: dict, stacks: dict[str, Path]):
        self.stacks, self.seed, self.config = stacks, args.seed, config
        self.reference = config["experiments"][config["run"]["reference"]]
        self.shown = shown_of_snapshots(config)
        self.folder = args.output / f"seed{args.seed}"
        self.split = self.folder / "split.json"
        self.threads = {"threads": args.threads}
        self.device = {**self.threads, "device": args.device}
        settings = settings_of(config, config["run"]["reference"])
        for stage, each in settings.items():
            self._write(stage, of_program(each, stage))
        self.initial = settings["training"]["initial"]
        for name, settings in config["inference"].items():
            self._write(f"inference-{name}", settings)

    def _write(self, name: str, settings: dict) -> None:
        """Write settings for the programs to read."""
        write_json(self._settings(name), settings)

    def _settings(self, name: str) -> Path:
        """Return where settings are written."""
        return self.folder / f"settings/{name}.json"

    def train(self) -> None:
        """Split, measure the grey levels and train."""
        volume, labels = self.stacks["train-volume"], self.stacks["train-labels"]
        run(
            split.main,
            {"output": self.split},
            name="test",
            train_volume=volume,
            test_volume=self.stacks["test-volume"],
        )
        statistics = self.folder / "statistics.json"
        data = {"volume": volume, "labels": labels, "split": self.split}
        record = volume.with_name("provenance.json")
        record = {"provenance": record} if record.exists() else {}
        run(training_statistics.main, {"output": statistics}, **data, **record)
        outputs = {
            "model": self.folder / "model.safetensors",
            "card": self.folder / "model.json",
            "history": self.folder / "history.csv",
            "run": self.folder / "run.json",
        }
        initial = {} if self.initial == NONE else {"initial": self.initial}
        run(
            train.main,
            outputs,
            **data,
            **initial,
            **{stage: self._settings(stage) for stage in TRAINED},
            statistics=statistics,
            seed=self.seed,
            checkpoints=self.folder / "checkpoints",
            **self.device,
        )

    def score_model(self) -> None:
        """Predict and score with what the training gave."""
        model = self.folder / "model"
        self._score(model, self._settings("inference"), self.folder)

    def score_snapshots(self) -> None:
        """Score every snapshot, gather and draw the curve."""
        points = []
        for record in sorted(self.folder.glob("checkpoints/*/snapshots/*/run.json")):
            for shown in self.shown:
                kept, name = shown["kept"], shown["inference"]
                place = (
                    self.folder / "snapshots" / record.parent.name / f"{kept}_{name}"
                )
                settings = self._settings(f"inference-{name}")
                self._score(record.with_name(kept), settings, place)
                points.append(
                    {
                        **shown,
                        "training": self.reference["training"],
                        "record": str(record),
                        "scores": str(place / "scores.json"),
                    }
                )
        if points:
            listed = self.folder / "points.json"
            write_json(listed, points)
            curve = self.folder / "curve.csv"
            markdown, picture = curve.with_suffix(".md"), curve.with_suffix(".png")
            outputs = {"csv": curve, "markdown": markdown, "output": picture}
            call(table_curve.main, points=listed, dataset=DATASET, **outputs)

    def _score(self, model: Path, inference: Path, place: Path) -> None:
        """Predict the test stack with a model and score the prediction."""
        probability = place / "probability.tif"
        run(
            predict.main,
            {"output": probability, "prediction_run": place / "prediction.json"},
            model=model.with_suffix(".safetensors"),
            card=model.with_suffix(".json"),
            volume=self.stacks["test-volume"],
            split=self.split,
            inference=inference,
            **self.device,
        )
        run(
            evaluate.main,
            {"output": place / "scores.json", "scores": place / "scores.csv"},
            labels=self.stacks["test-labels"],
            probability=probability,
            split=self.split,
            **self.threads,
        )

    def draw(self) -> None:
        """Draw loss, segmentation and errors."""
        run(
            figure_training_curves.main,
            {"output": self.folder / "training_curves.png"},
            history=self.folder / "history.csv",
            names=f"seed {self.seed}",
        )
        shown = {
            "volume": self.stacks["test-volume"],
            "labels": self.stacks["test-labels"],
            "probability": self.folder / "probability.tif",
            "split": self.split,
        }
        output = {"output": self.folder / "qualitative.png"}
        run(figure_qualitative.main, output, **shown)
        output = {"output": self.folder / "errors.png"}
        run(figure_errors.main, output, **shown, scores=self.folder / "scores.csv")


def run(
    program: Callable[[list[str]], None], outputs: dict[str, Path], **options
) -> None:
    """Run a program unless all that it writes is there."""
    if not all(path.exists() for path in outputs.values()):
        for path in outputs.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        call(program, **options, **outputs)


def call(program: Callable[[list[str]], None], **options) -> None:
    """Run a program with options, as on the command line."""
    argv = []
    for name, value in options.items():
        argv += [f"--{name.replace('_', '-')}", str(value)]
    log.info("%s", " ".join([program.__module__, *argv]))
    program(argv)


def pack(folder: Path, target: Path) -> None:
    """Copy all but checkpoints and what snapshots predict, in parts of some 15 MB.

    `SHA256SUMS` lists the whole files, for `sha256sum --check` once parts are joined.
    """
    if target.exists():
        shutil.rmtree(target)
    sums = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not is_left(name):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            sums.append(f"{digest}  {name}\n")
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy_in_parts(path, target / name)
    write_text(target / "SHA256SUMS", "".join(sums))
    log.info("%d files for the way home are in %s", len(sums), target)


def is_left(name: Path) -> bool:
    """Return whether a file stays where it is: it is large, and scores tell enough."""
    of_snapshot = "snapshots" in name.parts and name.suffix == ".tif"
    return of_snapshot or "checkpoints" in name.parts


def copy_in_parts(path: Path, target: Path) -> None:
    """Copy a file, or its numbered parts if it is larger than the limit."""
    if path.stat().st_size <= LIMIT:
        shutil.copyfile(path, target)
        return
    with path.open("rb") as file:
        number = 0
        while part := file.read(LIMIT):
            target.with_name(f"{target.name}.{number:02d}").write_bytes(part)
            number += 1


if __name__ == "__main__":
    cli.run(main)
