"""Bring a lab's own stacks into the workflow, checked.

The settings name TIFF files: train-volume, train-labels, test-volume and, if the
truth is known, test-labels. Labels are a mask (0 and 255 or 1, 127 = unknown) or number
the cells (0 = membrane); --interior says which value of a mask is cell interior. Test
labels that are left out are filled with 127, and nothing is scored on them. Where
train-mask or test-mask, if given, is 0, the truth counts as unknown too. Volumes of
16 bits are scaled to 8 by the 0.5 and 99.5 percentiles of the training volume, those of
other types by --intensity-range; the provenance keeps the two values.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.data.dataset import (
    LABELS,
    NAMES,
    OPTIONAL,
    Stack,
    add_outputs,
    outputs,
    unknown_labels,
    write_dataset,
)
from unet2015.data.fingerprints import fingerprints
from unet2015.data.grey_levels import measured_range
from unet2015.data.instances import mask_of
from unet2015.data.polarity import guess, inverted
from unet2015.data.same_shape import check_shapes
from unet2015.data.stacks import (
    UNKNOWN,
    as_mask,
    is_unknown,
    read_image,
)
from unet2015.data.tiff import open_stack, read_stack
from unet2015.errors import InputError
from unet2015.settings import read_json

VOLUMES = ("train-volume", "test-volume")
MASKS = {"train-labels": "train-mask", "test-labels": "test-mask"}
"""Stacks that may say where labels are known, as numbers of cells cannot."""

MIN_SIDE = 32
"""Pixels: below that, no network of the workflow finds context in a slice."""


def main(argv: list[str] | None = None) -> None:
    """Read and check everything, then write everything."""
    parser = cli.parser(__doc__, settings="JSON file")
    parser.add_argument(
        "--interior",
        choices=["bright", "dark", "guess"],
        default="guess",
        help="255 or 0 of masks; guessed by area and grey level",
    )
    cli.add_intensity_range(parser)
    add_outputs(parser)
    parser.add_argument("--fingerprints", type=Path, help="of the files, output JSON")
    args = parser.parse_args(argv)
    settings = read_json(args.settings)
    scaled = intensity_range(settings, args.intensity_range)
    stacks = import_stacks(settings, args.interior, scaled)
    if args.fingerprints:
        paths = [path for path in settings.values() if path is not None]
        found = fingerprints(paths, args.fingerprints)
    notes = {"intensity_range": scaled} if scaled else {}
    write_dataset(stacks, outputs(args), args.provenance, "files", **notes)
    if args.fingerprints:
        write_json(args.fingerprints, found)


def intensity_range(
    settings: Mapping[str, str | None], stated: Sequence[float] | None
) -> Sequence[float] | None:
    """Return the two values that volumes are scaled by; None for 8-bit volumes.

    Parameters
    ----------
    settings : mapping of str to str
        As :func:`import_stacks`.
    stated : sequence of float or None
        What the user says.

    Raises
    ------
    InputError
        If a name or a file is missing, one volume alone is of 8 bits, or percentiles
        say nothing.
    """
    check_names({name: path for name, path in settings.items() if path is not None})
    types = {}
    for name in VOLUMES:
        check_exists(name, settings[name])
        with open_stack(settings[name]) as stack:
            types[name] = stack.dtype
    if len(set(types.values())) > 1 and np.uint8 in types.values():
        shown = " and ".join(f"{name} {kind}" for name, kind in types.items())
        raise InputError(
            f"the types of the volumes are {shown}, expected both of 8 bits or none, "
            "as both are scaled by the same two values; export them alike"
        )
    train = settings["train-volume"]
    if stated is None and types["train-volume"] == np.uint16:
        return measured_range(read_stack(train), train)
    return stated


def import_stacks(
    settings: Mapping[str, str | None],
    interior: str = "guess",
    scaled: Sequence[float] | None = None,
) -> dict[str, Stack]:
    """Read the stacks that the settings name.

    Parameters
    ----------
    settings : mapping of str to str
        Path of each stack by its name; test-labels may be missing or None.
    interior : {"bright", "dark", "guess"}
        Which value of a mask is cell interior, 255 or 0.
    scaled : sequence of float, optional
        Of :func:`intensity_range`.

    Returns
    -------
    dict of str to Stack
        By name.

    Raises
    ------
    InputError
        If a name is unknown or missing, a file cannot be used, or labels do not
        fit their volume.
    """
    paths = {name: path for name, path in settings.items() if path is not None}
    check_names(paths)
    stacks = {name: read(name, paths[name], scaled) for name in NAMES if name in paths}
    for labels, mask in MASKS.items():
        if mask in paths:
            stacks[labels] = masked(stacks[labels], mask, paths[mask])
    if OPTIONAL not in stacks:
        stacks[OPTIONAL] = unknown_labels(stacks["test-volume"].pixels.shape)
    for volume, labels in (("train-volume", "train-labels"), ("test-volume", OPTIONAL)):
        image, truth = stacks[volume], stacks[labels]
        check_shapes(
            f"{volume} ({image.origin})",
            image.pixels.shape,
            f"{labels} ({truth.origin})",
            truth.pixels.shape,
        )
        if truth.available:
            stacks[labels] = upright(image, labels, truth, interior)
    return stacks


def check_names(paths: Mapping[str, str]) -> None:
    """Refuse names that nobody asks for, paths that are none, and gaps."""
    for name, path in paths.items():
        if name not in (*NAMES, *MASKS.values()) or not isinstance(path, str):
            raise InputError(
                f"{name}: {path!r} is no known stack, expected paths for "
                f"{', '.join((*NAMES, *MASKS.values()))}; mend the settings"
            )
    for name in NAMES:
        if name not in paths and name != OPTIONAL:
            raise InputError(
                f"{name} is missing from the settings; only {OPTIONAL} can be left out"
            )
    if MASKS[OPTIONAL] in paths and OPTIONAL not in paths:
        raise InputError(
            f"{MASKS[OPTIONAL]} is of no use without {OPTIONAL}; give both or neither"
        )


def check_exists(name: str, path: str) -> None:
    """Refuse a path at which nothing lies."""
    if not Path(path).exists():
        raise InputError(
            f"{name}: {path} does not exist; relative paths start from {Path.cwd()}: "
            "check the path"
        )


def read(name: str, path: str, scaled: Sequence[float] | None) -> Stack:
    """Read one stack and check all that can be checked without the others."""
    check_exists(name, path)
    if name in LABELS:
        found = read_stack(path)
        pixels = as_mask(found)
        numbered = pixels is None
        pixels = mask_of(found, str(path)) if numbered else pixels
    else:
        pixels, numbered = read_image(path, scaled), False
    if min(pixels.shape[1:]) < MIN_SIDE:
        raise InputError(
            f"{path} has slices of {pixels.shape[1]} x {pixels.shape[2]} pixels, "
            f"expected at least {MIN_SIDE} a side; crop it less"
        )
    available = name not in LABELS or not is_unknown(pixels)
    if not available and name != OPTIONAL:
        raise InputError(
            f"{path} is 127 throughout (truth unknown), expected labels; "
            "training needs them"
        )
    return Stack(pixels, f"file:{Path(path).name}", available, numbered)


def masked(truth: Stack, name: str, path: str) -> Stack:
    """Return labels that are unknown where a mask is 0."""
    check_exists(name, path)
    mask = read_stack(path)
    if mask.shape != truth.pixels.shape:
        raise InputError(
            f"{name} ({path}) has shape {mask.shape} and its labels ({truth.origin}) "
            f"{truth.pixels.shape}, expected the same; export it again"
        )
    pixels = np.where(mask == 0, np.uint8(UNKNOWN), truth.pixels)
    if is_unknown(pixels):
        raise InputError(
            f"{name} ({path}) leaves no label known, expected other values than 0 "
            "where labels are known; mend the mask, or leave it out"
        )
    return replace(truth, pixels=pixels)


def upright(image: Stack, labels: str, truth: Stack, interior: str) -> Stack:
    """Return labels whose value 255 is cell interior."""
    if truth.numbered:  # 0 is no cell
        return truth
    if interior == "guess":
        interior = guess(image.pixels, truth.pixels, f"{labels} ({truth.origin})")
    if interior == "bright":
        return truth
    logging.info("%s (%s): 0 is taken for cell interior", labels, truth.origin)
    return replace(truth, pixels=inverted(truth.pixels))


if __name__ == "__main__":
    cli.run(main)
