"""Predict the probability of cell interior for the scored slices of a split.

The output is a float32 TIFF stack, 1 = cell interior, 0 = membrane: the format
of a submission to the challenge. Several networks are averaged. Slices are read,
predicted and written one by one. A slice is predicted at once if the memory allows
it, else in tiles, with the same result. A volume of 8 bits is taken as it is; any other
is scaled to 8 bits as the training volume was, which the model's JSON tells, or as
--intensity-range says. With --kept, an interrupted prediction goes on from its last
slice. Example:

    unet2015 predict --model model.safetensors --volume new.tif --output probability.tif
"""

import argparse
import json
import logging
import math
import time
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.commands.tile_clock import TileClock
from unet2015.config.code_version import code_version
from unet2015.data.adjacent_slices import with_neighbours
from unet2015.data.splits import read_slices
from unet2015.data.stacks import open_image
from unet2015.data.viewer_tiff import Voxel, read_voxel, write_for_viewers
from unet2015.errors import InputError
from unet2015.inference.backends import open_models
from unet2015.inference.kept_slices import Predict, keeping
from unet2015.inference.package_files import card_of, model_file
from unet2015.inference.packages import trained_nm_per_pixel
from unet2015.inference.pixel_size import as_trained
from unet2015.inference.prediction import predict_tiled
from unet2015.inference.tile_choice import choose_tiles, count_tiles
from unet2015.inference.views import View
from unet2015.network.allocator import keep_freed
from unet2015.network.out_of_memory import naming
from unet2015.network.sizes import Sizes
from unet2015.settings import defaults, read_settings
from unet2015.training.checkpoints import fingerprint, remove_checkpoint

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> None:
    """Open the networks, then read, predict and write slice by slice."""
    args, started = arguments(argv), time.monotonic()
    args.model = args.model or [model_of_isbi2012()]
    settings = defaults("inference")
    if args.inference:
        settings = read_settings(args.inference, "inference")
    args.model = [model_file(path) for path in args.model]
    cards = args.card or [card_of(path) for path in args.model]
    keep_freed()
    opened = open_models(
        args.model, cards, args.device, args.threads, settings["precision"]
    )
    _, layers, normalisation, run = opened[0]
    sizes, reach = Sizes.of(layers), layers[0].inputs // 2
    cure = (
        f"lower inference.memory ({settings['memory']:g} GB, 0 = no bound) or "
        f"inference.tile ({settings['tile']} px, 0 = whole slices)"
    )
    recorded = normalisation.get("intensity_range")
    opening = open_image(args.volume, args.intensity_range, recorded)
    with naming(cure), opening as volume:
        shape, indices = volume.shape[1:], range(len(volume))
        if args.split:
            indices = read_slices(args.split, "score", len(volume))
        voxel = voxel_of(args)
        trained = args.trained_nm_per_pixel or trained_nm_per_pixel(cards[0])
        view = as_trained(shape, voxel.nm_per_pixel, trained, str(args.volume))
        settings = affordable(settings, len(indices), shape, args.scales_up_to)
        try:
            tiles = choose_tiles(view.shape, layers, settings, len(opened))
            per_slice = count_tiles(view.shape, sizes, settings, tiles) * len(opened)
            with cli.progress(total=len(indices) * per_slice, unit="tile") as bar:
                what = f"{len(indices)} slices of {shape[0]} x {shape[1]} px"
                clock = TileClock(bar, f"{what}, {per_slice} tiles each")
                networks = [clock.counted(one.network) for one in opened]
                known = (sizes, networks, normalisation, settings, tiles)
                predict = resampling(view, lambda image: predict_tiled(image, *known))
                if args.kept:
                    kept = args.kept / identity(args, cards, settings, view, run)
                    predict = keeping(kept, predict, lambda: clock.skip(per_slice))
                images = (with_neighbours(volume, i, reach, indices) for i in indices)
                written = (len(indices), *shape)
                write_for_viewers(
                    args.output, map(predict, images), written, np.float32, voxel
                )
        except InputError:
            raise
        except ValueError as error:
            raise InputError(f"inference: {error}") from error
    if args.kept:
        remove_checkpoint(kept)
    if args.prediction_run:
        record = {**run, "seconds": round(time.monotonic() - started, 1)}
        write_text(args.prediction_run, json.dumps(record, indent=2) + "\n")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(__doc__)
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
    parser.add_argument("--volume", type=Path, required=True, help="image TIFF")
    cli.add_intensity_range(parser)
    parser.add_argument("--split", type=Path, help="JSON of split.py; else all slices")
    parser.add_argument(
        "--inference", type=Path, help="settings, JSON; else the paper's"
    )
    parser.add_argument("--output", type=Path, required=True, help="TIFF")
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
    parser.add_argument("--prediction-run", type=Path, help="how it was computed, JSON")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    return parser.parse_args(argv)


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


def resampling(view: View, predict: Predict) -> Predict:
    """Return a function that predicts a slice as a view of it shows it."""
    return lambda image: view.backward(predict(view.forward(image)))


def affordable(
    settings: dict, slices: int, shape: tuple[int, int], most: float | None
) -> dict:
    """Return settings with fewer views if a stack is larger than `most` megapixels."""
    megapixels = slices * math.prod(shape) / 1e6
    views = "test_time_augmentation"
    if most is None or megapixels <= most or settings[views] != "scales":
        return settings
    log.info(
        "%.0f megapixels, more than %g: eight views at one scale instead of three",
        megapixels,
        most,
    )
    return settings | {views: "symmetries"}


def identity(
    args: argparse.Namespace, cards: list[Path], settings: dict, view: View, run: dict
) -> str:
    """Name all that determines the prediction of a slice, but the slice."""
    determined = {
        "settings": settings,
        "shape": view.shape,
        "run": run,
        "code": code_version(Path(__file__)),
    }
    return fingerprint(determined, [*args.model, *cards])
