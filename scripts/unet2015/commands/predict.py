"""Predict the probability of cell interior for the scored slices of a split.

The output is a float32 stack, 1 = cell interior, 0 = membrane: a TIFF, the format of a
submission to the challenge, or, if its name ends in .zarr, an OME-Zarr. Several
networks are averaged. Slices are read, predicted and written one by one. A slice is
predicted at once if the memory allows it, else in tiles, with the same result. A volume
of 8 bits is taken as it is; any other is scaled to 8 bits as the training volume was,
which the model's JSON tells, or as --intensity-range says. With --kept, an interrupted
prediction goes on from its last slice. With --affinities, those of networks that have
any are written too. Example:

    unet2015 predict --model model.safetensors --volume new.tif --output probability.tif
"""

import argparse
import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.commands.slice_predictor import SlicePredictor
from unet2015.config.code_version import code_version
from unet2015.data.adjacent_slices import with_neighbours
from unet2015.data.affinities import writing_affinities
from unet2015.data.open_stack import OpenStack
from unet2015.data.splits import read_slices
from unet2015.data.stacks import open_image
from unet2015.data.viewer_files import read_voxel, write_for_viewers
from unet2015.data.voxel import Voxel
from unet2015.errors import InputError
from unet2015.inference.backends import Opened, open_models
from unet2015.inference.package_files import card_of, model_file
from unet2015.inference.packages import trained_nm_per_pixel
from unet2015.inference.pixel_size import as_trained
from unet2015.inference.views import View
from unet2015.network.allocator import keep_freed
from unet2015.network.layers import Layers
from unet2015.network.out_of_memory import naming
from unet2015.settings import defaults, read_settings
from unet2015.training.checkpoints import fingerprint, remove_checkpoint

log = logging.getLogger(__name__)

VIEWS = "test_time_augmentation"


def main(argv: list[str] | None = None) -> None:
    """Open the networks, then read, predict and write slice by slice."""
    args, started = arguments(argv), time.monotonic()
    path = args.inference
    asked = read_settings(path, "inference") if path else defaults("inference")
    keep_freed()
    opened = open_models(
        args.model, args.card, args.device, args.threads, asked["precision"]
    )
    recorded = opened[0].normalisation.get("intensity_range")
    opening = open_image(args.volume, args.intensity_range, recorded)
    with naming(cure_of(asked)), opening as volume:
        indices = scored(args.split, len(volume))
        shape, voxel = (len(indices), *volume.shape[1:]), voxel_of(args)
        settings = affordable(asked, shape, args.scales_up_to)
        trained = args.trained_nm_per_pixel or trained_nm_per_pixel(args.card[0])
        view = as_trained(shape[1:], voxel.nm_per_pixel, trained, str(args.volume))
        offsets = offsets_of(args, opened[0], view.turn is None)
        kept = args.kept and args.kept / identity(args, settings, view, opened[0].run)
        images = with_all_neighbours(volume, indices, opened[0].layers)
        predictor = SlicePredictor(opened, settings, view, offsets)
        with (
            predictor.counting(shape, kept) as predict,
            writing_beside(args.affinities, offsets) as interior,
        ):
            slices = map(interior, map(predict, images))
            write_for_viewers(args.output, slices, shape, np.float32, voxel)
    if kept:
        remove_checkpoint(kept)
    if args.prediction_run:
        record = opened[0].run | views_of(settings, asked)
        record |= {"affinities": offsets} if offsets else {}
        record["seconds"] = round(time.monotonic() - started, 1)
        write_json(args.prediction_run, record)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__, volume="image stack", output="TIFF, or OME-Zarr if it ends so"
    )
    parser.add_argument(
        "--model",
        type=Path,
        nargs="+",
        help="safetensors, ONNX, or an exported package (zip or folder); else that of "
        "ISBI 2012 in results/",
    )
    parser.add_argument(
        "--card",
        type=Path,
        nargs="+",
        help="the JSON of each; else beside it, with its name",
    )
    cli.add_intensity_range(parser)
    parser.add_argument("--split", type=Path, help="JSON of split.py; else all slices")
    parser.add_argument(
        "--inference", type=Path, help="settings, JSON; else the paper's"
    )
    for axis in ("pixel", "slice"):
        parser.add_argument(
            f"--nm-per-{axis}",
            type=float,
            help=f"size of a {axis} of the volume; else what its file states",
        )
    parser.add_argument(
        "--trained-nm-per-pixel",
        type=float,
        help="of the training slices; a volume of another pixel size is resampled",
    )
    parser.add_argument(
        "--scales-up-to",
        type=float,
        metavar="MEGAPIXELS",
        help="a larger stack is seen at one scale, even if the settings ask for three",
    )
    parser.add_argument(
        "--kept", type=Path, help="folder for the slices done, in case of interruption"
    )
    parser.add_argument(
        "--affinities", type=Path, help="output TIFF, of networks that have affinities"
    )
    parser.add_argument("--prediction-run", type=Path, help="how it was computed, JSON")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    args = parser.parse_args(argv)
    args.model = [model_file(path) for path in args.model or [model_of_isbi2012()]]
    args.card = args.card or [card_of(path) for path in args.model]
    return args


def offsets_of(
    args: argparse.Namespace, opened: Opened, is_resampled: bool
) -> list[list[int]]:
    """Return the offsets of the affinities to write, none if they are not asked for."""
    if not args.affinities:
        return []
    if not opened.offsets:
        raise InputError(
            f"--affinities is {args.affinities}, but {args.model[0]} predicts none; "
            "leave it out, or train a network with network.<name>.affinities"
        )
    if is_resampled:
        raise InputError(
            f"{args.volume} is resampled to the pixel size of the training slices, "
            "where the offsets of affinities are other pixels; leave --affinities out"
        )
    return opened.offsets


@contextlib.contextmanager
def writing_beside(
    path: Path | None, offsets: list[list[int]]
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Give a function that writes the affinities of a slice and returns the rest."""
    if not offsets:
        yield lambda predicted: predicted
        return
    with writing_affinities(path, offsets) as add:

        def interior(predicted: np.ndarray) -> np.ndarray:
            add(predicted[1:])
            return predicted[0]

        yield interior


def cure_of(settings: dict) -> str:
    """Return what to do if the memory does not suffice."""
    return (
        f"lower inference.memory ({settings['memory']:g} GB, 0 = no bound) or "
        f"inference.tile ({settings['tile']} px, 0 = whole slices)"
    )


def scored(split: Path | None, slices: int) -> Sequence[int]:
    """Return which slices of a stack are predicted."""
    return read_slices(split, "score", slices) if split else range(slices)


def with_all_neighbours(
    volume: OpenStack, indices: Sequence[int], layers: Layers
) -> Iterator[np.ndarray]:
    """Yield slices as networks see them, read when they are asked for."""
    reach = layers[0].inputs // 2
    if reach >= len(indices):
        log.warning(
            "warning: the network sees %d slices on either side of one, of %d in all; "
            "the slice itself stands for those that are missing",
            reach,
            len(indices),
        )
    return (with_neighbours(volume, index, reach, indices) for index in indices)


def model_of_isbi2012() -> Path:
    """Return the model that the workflow trained in this folder."""
    pattern = "results/isbi2012/models/test/*/seed0/model.safetensors"
    found = sorted(Path().glob(pattern))
    if len(found) != 1:
        raise InputError(
            f"{Path.cwd()} holds {len(found)} models {pattern}, expected one; name a "
            "--model, or train it in a checkout by make predict IMAGES=<the volume>"
        )
    return found[0]


def voxel_of(args: argparse.Namespace) -> Voxel:
    """Return the pixel size of the volume: as stated, else as its file says."""
    found = read_voxel(args.volume)
    return Voxel(
        args.nm_per_pixel or found.nm_per_pixel, args.nm_per_slice or found.nm_per_slice
    )


def affordable(settings: dict, shape: tuple[int, int, int], most: float | None) -> dict:
    """Return settings with fewer views if a stack is larger than `most` megapixels."""
    megapixels = math.prod(shape) / 1e6
    if most is None or megapixels <= most or settings[VIEWS] != "scales":
        return settings
    log.info(
        "%.0f megapixels, more than %g: eight views at one scale instead of three",
        megapixels,
        most,
    )
    return settings | {VIEWS: "symmetries"}


def views_of(settings: dict, asked: dict) -> dict:
    """Return for the record which views were averaged, and what the settings ask."""
    used = {VIEWS: settings[VIEWS]}
    if settings != asked:
        used[f"{VIEWS}_asked"] = asked[VIEWS]
    return used


def identity(args: argparse.Namespace, settings: dict, view: View, run: dict) -> str:
    """Name all that determines the prediction of a slice, but the slice."""
    determined = {
        "affinities": args.affinities is not None,
        "settings": settings,
        "shape": view.shape,
        "run": run,
        "code": code_version(Path(__file__)),
    }
    return fingerprint(determined, [*args.model, *args.card])
