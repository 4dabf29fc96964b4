"""Time an augmented sample beside the libraries that a user would pick.

Three tasks, on a slice and its labels: the warp of both along a displacement that
is given on a coarse grid; the whole sample, its random numbers and grey values
included; and samples with their weight maps, as a training draws them on the fly.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[1]))  # of the library

from unet2015 import cli
from unet2015.benchmarks.peers import peer
from unet2015.benchmarks.timing import Contender, interleaved
from unet2015.benchmarks.timing_files import add_arguments, write_timings
from unet2015.data.stacks import INTERIOR, read_image, read_labels
from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.augmentation import (
    RandomNumbers,
    random_numbers,
    sample,
    source_positions,
)
from unet2015.samples.on_the_fly import OnTheFlySamples
from unet2015.settings import read_settings
from unet2015.training.prefetching import prefetched

PART = "augmentation"
SEED = 0
FEWEST = 30
"""Least runs of an implementation: each takes milliseconds."""
DRAWN = 16
"""Samples that are drawn on the fly in a run."""


def main(argv: list[str] | None = None) -> None:
    """Read a slice and its labels, time the tasks, write the table."""
    parser = cli.parser(__doc__, "volume labels augmentation weights")
    add_arguments(parser)
    args = parser.parse_args(argv)
    cv2.setNumThreads(args.threads)
    torch.set_num_threads(args.threads)
    volume, labels = read_image(args.volume)[:1], read_labels(args.labels)[:1]
    side = min(volume.shape[1:])
    settings = {**read_settings(args.augmentation, "augmentation"), "side": side}
    weights = read_settings(args.weights, "weights")
    drawn = random_numbers(SEED, 0, volume.shape, settings)
    floor = remap_contender(volume[0], drawn, side)
    tasks = {
        "warp of an image and its labels": warps(volume[0], labels[0], drawn, side),
        "augmented sample": samples(volume, labels, settings, not args.no_peers),
        "samples and weights, on the fly": on_the_fly(
            volume, labels, settings, weights, args.threads
        ),
    }
    tables = [
        interleaved(
            [*contenders, floor],
            max(args.repeats, FEWEST),
            part=PART,
            what=f"{task}, {side} x {side} px",
            unit="s per sample",
        )
        for task, contenders in tasks.items()
    ]
    write_timings(args.csv, tables, args.threads)


def remap_contender(image: np.ndarray, drawn: RandomNumbers, side: int) -> Contender:
    """Return what cannot be avoided: the image interpolated once."""
    rows, columns = source_positions(drawn, side)
    return Contender(
        "one cubic remap of the image (OpenCV)",
        "floor",
        lambda: remap(image, rows, columns, cv2.INTER_CUBIC),
    )


def warps(
    image: np.ndarray, labels: np.ndarray, drawn: RandomNumbers, side: int
) -> list[Contender]:
    """Return the warp of given random numbers, ours and those of users."""
    return [
        Contender("unet2015", "ours", lambda: ours(image, labels, drawn, side)),
        Contender(
            "scipy (zoom of the grid, map_coordinates)",
            "peer",
            lambda: with_scipy(image, labels, drawn, side),
        ),
        Contender(
            "torch (interpolate, grid_sample)",
            "peer",
            lambda: with_torch(image, labels, drawn, side),
        ),
    ]


def samples(
    volume: np.ndarray, labels: np.ndarray, settings: dict, peers: bool
) -> list[Contender]:
    """Return the whole sample, ours and albumentations'."""
    found = [
        Contender("unet2015", "ours", lambda: sample(volume, labels, SEED, 0, settings))
    ]
    if peers:
        transform = albumentations(settings)
        found.append(
            Contender(
                "albumentations (Affine, ElasticTransform, grey values)",
                "peer",
                lambda: transform(image=volume[0], mask=labels[0]),
            )
        )
    return found


def on_the_fly(
    volume: np.ndarray, labels: np.ndarray, settings: dict, weights: dict, threads: int
) -> list[Contender]:
    """Return the samples of a training, drawn by one thread and by several."""
    slices = TrainingSlices(volume, labels)
    source = OnTheFlySamples(
        slices, np.mean(labels == INTERIOR), SEED, settings, weights
    )

    def drawn_by(workers: int) -> Contender:
        return Contender(
            f"unet2015, {workers} threads" if workers > 1 else "unet2015, one thread",
            "ours",
            lambda: list(prefetched(source.__getitem__, 0, DRAWN, workers)),
            units=DRAWN,
        )

    return [drawn_by(workers) for workers in sorted({1, threads})]


def remap(
    image: np.ndarray, rows: np.ndarray, columns: np.ndarray, order: int
) -> np.ndarray:
    """Interpolate an image with OpenCV, mirrored outside."""
    return cv2.remap(image, columns, rows, order, borderMode=cv2.BORDER_REFLECT_101)


def ours(
    image: np.ndarray, labels: np.ndarray, drawn: RandomNumbers, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Warp as the workflow does."""
    positions = source_positions(drawn, side)
    return (
        remap(image, *positions, cv2.INTER_CUBIC),
        remap(labels, *positions, cv2.INTER_NEAREST),
    )


def with_scipy(
    image: np.ndarray, labels: np.ndarray, drawn: RandomNumbers, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Warp along a zoomed grid by splines of order 3, and 0 for the labels."""
    factor = side / drawn.knots.shape[-1]
    field = np.stack([ndimage.zoom(k, factor, mode="mirror") for k in drawn.knots])
    axis = np.arange(side) - (side - 1) / 2
    plane = np.stack(np.meshgrid(axis, axis, indexing="ij")) + field
    positions = np.tensordot(drawn.linear, plane, axes=1) + drawn.centre[:, None, None]
    return (
        ndimage.map_coordinates(image, positions, order=3, mode="mirror"),
        ndimage.map_coordinates(labels, positions, order=0, mode="mirror"),
    )


def with_torch(
    image: np.ndarray, labels: np.ndarray, drawn: RandomNumbers, side: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Warp along a bicubically resized grid by bicubic sampling, nearest for labels."""
    knots = torch.from_numpy(drawn.knots.astype(np.float32))[None]
    field = functional.interpolate(
        knots, size=(side, side), mode="bicubic", align_corners=True
    )[0]
    axis = torch.arange(side) - (side - 1) / 2
    plane = torch.stack(torch.meshgrid(axis, axis, indexing="ij")) + field
    linear = torch.from_numpy(drawn.linear.astype(np.float32))
    positions = torch.einsum("ij,jyx->yxi", linear, plane)
    positions += torch.from_numpy(drawn.centre.astype(np.float32))
    # grid_sample wants (x, y) from -1 to 1
    places = (2 * positions / (torch.tensor(image.shape) - 1) - 1).flip(-1)[None]
    return tuple(
        functional.grid_sample(
            torch.from_numpy(part)[None, None].float(),
            places,
            mode=mode,
            padding_mode="reflection",
            align_corners=True,
        )
        for part, mode in ((image, "bicubic"), (labels, "nearest"))
    )


def albumentations(settings: dict):
    """Return the nearest that albumentations has to the settings.

    Its elastic deformation blurs a displacement of each pixel by a Gaussian;
    a displacement on a coarse grid it does not have.
    """
    library = peer("albumentations")
    border = {"border_mode": cv2.BORDER_REFLECT_101}
    scale = (1 - settings["scale"], 1 + settings["scale"])
    smooth = settings["side"] / settings["grid"] / 2
    unblurred = 2 * np.sqrt(np.pi) * smooth  # blurring divides the deviation by it
    cubic = {"interpolation": cv2.INTER_CUBIC}
    return library.Compose(
        [
            library.Affine(rotate=(-180, 180), scale=scale, p=1, **cubic, **border),
            library.ElasticTransform(
                alpha=settings["displacement_std"] * unblurred,
                sigma=smooth,
                noise_distribution="gaussian",
                p=1,
                **cubic,
                **border,
            ),
            library.RandomBrightnessContrast(p=1),
            library.GaussNoise(std_range=(settings["noise"] / 255,) * 2, p=1),
        ]
    )


if __name__ == "__main__":
    cli.run(main)
