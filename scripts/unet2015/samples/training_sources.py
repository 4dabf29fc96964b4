"""Which samples a training uses: stored arrays, or drawn as it goes."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2

from unet2015.data.training_slices import read_training_slices
from unet2015.errors import InputError
from unet2015.samples.batches import Source
from unet2015.samples.on_the_fly import OnTheFlySamples
from unet2015.samples.stored import CachedSamples
from unet2015.settings import read_settings

CACHED = {
    "sample-images": "samples, uint8 .npy",
    "sample-labels": "their labels, uint8 .npy",
    "sample-weights": "their weight maps, float16 .npy",
}
ON_THE_FLY = {
    "volume": "or: slices to draw samples from, TIFF",
    "labels": "their labels, TIFF",
    "split": "which slices, JSON of split.py",
    "augmentation": "settings, JSON",
    "weights": "settings of the weight maps, JSON",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add an argument for each file that samples come from."""
    for name, meaning in (CACHED | ON_THE_FLY).items():
        parser.add_argument(f"--{name}", type=Path, help=meaning)


def files_of(args: argparse.Namespace) -> list[Path]:
    """Return the files that samples come from, in a fixed order.

    Raises
    ------
    InputError
        If they are not all of one kind and none of the other.
    """
    paths = {
        name: getattr(args, name.replace("-", "_")) for name in CACHED | ON_THE_FLY
    }
    given = {name: path for name, path in paths.items() if path}
    if list(given) not in (list(CACHED), list(ON_THE_FLY)):
        stored, drawn, found = (
            ", ".join(f"--{name}" for name in names)
            for names in (CACHED, ON_THE_FLY, given)
        )
        raise InputError(
            f"samples come from {found or 'no files'}, expected {stored} (stored "
            f"samples) or {drawn} (samples drawn during the training); give one of "
            "the two sets"
        )
    return list(given.values())


def open_source(
    args: argparse.Namespace, interior: float, offsets: Sequence[Sequence[int]] = ()
) -> Source:
    """Return the samples that a command line names.

    Parameters
    ----------
    args : argparse.Namespace
        With the arguments of :func:`add_arguments` and `seed`.
    interior : float
        Fraction of interior pixels in the training slices, 0..1; stored weight
        maps already contain it.
    offsets : sequence of three int each
        (slices, rows, columns), pixels, of the affinities that are trained.

    Raises
    ------
    InputError
        If the files are those of no source, or damaged; or if there are affinities,
        which stored samples have no targets for.
    """
    files = files_of(args)
    if args.sample_images and offsets:
        raise InputError(
            f"samples are stored and the network has {len(offsets)} affinities, "
            "expected samples drawn during the training, which know the cells of whole "
            "slices; set augmentation.<name>.on_the_fly to true"
        )
    if args.sample_images:
        return CachedSamples(*files)
    cv2.setNumThreads(1)  # samples are drawn side by side already
    volume, labels, split, augmentation, weights = files
    settings = read_settings(augmentation, "augmentation")
    return OnTheFlySamples(
        read_training_slices(volume, labels, split, settings),
        interior,
        args.seed,
        settings,
        read_settings(weights, "weights"),
        offsets,
    )
