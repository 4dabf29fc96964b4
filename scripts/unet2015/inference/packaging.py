"""Write a trained model as a package of bioimage.io, for Fiji, napari and others.

Its network maps grey levels to the probability of cell interior as
:mod:`unet2015.inference.prediction` does, seeing one view: the description normalises,
weights for torch and the ONNX file give the same. Specification 0.5.4, which newer
programs read too: https://bioimage-io.github.io/spec-bioimage-io/
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import imagecodecs
import numpy as np
import torch
import yaml

from unet2015.atomic_write import atomic_write
from unet2015.data.adjacent_slices import middle, network_input
from unet2015.errors import InputError
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.onnx_export import INPUT, OPSET, PROBABILITY, checked_model
from unet2015.inference.package_files import DESCRIPTIONS
from unet2015.inference.packages import VERSION, WEIGHTS
from unet2015.inference.prediction import softmax_interior, torch_network
from unet2015.inference.standalone import CALLABLE, standalone_source
from unet2015.network.sizes import Sizes
from unet2015.network.unet import UNet

FORMAT = "0.5.4"
TAGS = ["electron microscopy", "membrane", "neurites", "segmentation", "unet", "2d"]
TEST_SIDE = 256
"""Least side of the test input, pixels."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of the files in a package, so that the same model is the same package."""

DENSE = (".pt", ".onnx", ".png")
"""Suffixes of files that compression makes hardly smaller."""


class About(NamedTuple):
    """What a package says of a model beside the network."""

    name: str
    description: str
    authors: list[str]
    licence: str  # an identifier of SPDX
    cite: list[dict]  # `text` and `doi`
    readme: str  # Markdown
    nm_per_pixel: float | None = None  # of the training slices


def write_package(
    path: Path,
    unet: UNet,
    architecture: Mapping,
    normalisation: Mapping,
    image: np.ndarray,
    about: About,
) -> None:
    """Write a package, whole or not at all.

    Parameters
    ----------
    path : Path
        The zip file.
    unet : UNet
        In evaluation mode, on the CPU.
    architecture, normalisation : mapping
        See :mod:`unet2015.network.model_files`.
    image : ndarray, uint8, shape (height, width) or (height, width, channels)
        Grey levels of a slice, with neighbours if the network sees them. Its middle
        becomes the test input.
    about : About
        The rest of the description.

    Raises
    ------
    InputError
        If the weights are too large for an ONNX file, or the slice is uniform.
    """
    files = tensors(unet, normalisation, image)
    files |= {
        "README.md": about.readme.encode(),
        "architecture.py": standalone_source(unet).encode(),
        WEIGHTS: weights(unet),
        "model.onnx": checked_model(unet, architecture, PROBABILITY).SerializeToString(
            deterministic=True
        ),
    }
    described = description(unet, normalisation, about, files)
    described["config"] = {"unet2015": own_config(architecture, normalisation, about)}
    files[DESCRIPTIONS[0]] = yaml.safe_dump(described, sort_keys=False).encode()
    with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as package:
        for name, content in files.items():
            dense = Path(name).suffix in DENSE
            kind = zipfile.ZIP_STORED if dense else zipfile.ZIP_DEFLATED
            package.writestr(zipfile.ZipInfo(name, EPOCH), content, kind)


def tensors(unet: UNet, normalisation: Mapping, image: np.ndarray) -> dict[str, bytes]:
    """Return the test input, what the network makes of it, and a picture of both."""
    part = central(image, test_side(unet.sizes))
    if part.min() == part.max():
        raise InputError(
            f"the middle of the slice has the grey level {part.min()} throughout, "
            "expected an image to test the model with; give another volume"
        )
    levels = network_input(raw_levels(part, normalisation))
    mean, std = normalisation_of_raw(normalisation)
    network = torch_network(unet, torch.device("cpu"), "float32")
    logits = network(((levels - mean) / std)[0].transpose(1, 2, 0))
    probability = softmax_interior(logits)
    shown = [
        central(middle(part), len(probability)),
        np.rint(255 * probability).astype(np.uint8),
    ]
    return {
        "test_input.npy": npy(levels),
        "test_output.npy": npy(probability[np.newaxis, np.newaxis]),
        "cover.png": imagecodecs.png_encode(np.hstack(shown)),
    }


def central(image: np.ndarray, side: int) -> np.ndarray:
    """Return the middle of an image; a smaller one is mirrored at its borders."""
    starts = [(length - side) // 2 for length in image.shape[:2]]
    return crop_mirrored(image, *(range(start, start + side) for start in starts))


def raw_levels(grey: np.ndarray, normalisation: Mapping) -> np.ndarray:
    """Return the values, float32, that are scaled to grey levels 0..255."""
    low, high = normalisation.get("intensity_range", (0, 255))
    return (low + grey.astype(np.float64) * ((high - low) / 255)).astype(np.float32)


def normalisation_of_raw(normalisation: Mapping) -> tuple[float, float]:
    """Return mean and deviation of the values that are scaled to grey levels."""
    low, high = normalisation.get("intensity_range", (0, 255))
    unit = (high - low) / 255
    return low + unit * normalisation["mean"], unit * normalisation["std"]


def halo(sizes: Sizes) -> int:
    """Return the pixels at each border of an output that depend on what lies outside.

    An unpadded network has cut them off by itself.
    """
    return 0 if sizes.shrinkage else sizes.context


def least_side(sizes: Sizes) -> int:
    """Return the smallest side of an input that leaves some output, pixels."""
    return sizes.smallest_side if sizes.shrinkage else 2 * halo(sizes) + sizes.step


def test_side(sizes: Sizes) -> int:
    """Return the smallest side in pixels that is enough for a test."""
    least = least_side(sizes)
    return least + max(-((least - TEST_SIDE) // sizes.step), 0) * sizes.step


def npy(array: np.ndarray) -> bytes:
    """Return an array as an .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def weights(unet: UNet) -> bytes:
    """Return the state dict as torch saves it."""
    file = io.BytesIO()
    torch.save({k: v.contiguous() for k, v in unet.state_dict().items()}, file)
    return file.getvalue()


def own_config(architecture: Mapping, normalisation: Mapping, about: About) -> dict:
    """Return what :mod:`unet2015.inference.packages` reads."""
    known = {"nm_per_pixel": about.nm_per_pixel} if about.nm_per_pixel else {}
    return {
        "version": VERSION,
        "architecture": dict(architecture),
        "normalisation": dict(normalisation),
        **known,
    }


def description(
    unet: UNet, normalisation: Mapping, about: About, files: Mapping[str, bytes]
) -> dict:
    """Return the description of a package, without what is this program's own."""
    return {
        "format_version": FORMAT,
        "type": "model",
        "name": about.name,
        "description": about.description,
        "authors": [{"name": name} for name in about.authors],
        "license": about.licence,
        "cite": about.cite,
        "tags": TAGS,
        "documentation": "README.md",
        "covers": ["cover.png"],
        "inputs": [input_tensor(unet, normalisation, about, files)],
        "outputs": [output_tensor(unet, about, files)],
        "weights": {
            "pytorch_state_dict": {
                **source(WEIGHTS, files),
                "architecture": {
                    **source("architecture.py", files),
                    "callable": CALLABLE,
                    "kwargs": {},
                },
                "pytorch_version": torch.__version__.partition("+")[0],
            },
            "onnx": {
                **source("model.onnx", files),
                "opset_version": OPSET,
                "parent": "pytorch_state_dict",
            },
        },
    }


def source(name: str, files: Mapping[str, bytes]) -> dict:
    """Return how a description names a file."""
    return {"source": name, "sha256": hashlib.sha256(files[name]).hexdigest()}


def input_tensor(
    unet: UNet, normalisation: Mapping, about: About, files: Mapping[str, bytes]
) -> dict:
    """Describe the grey values and how they are normalised."""
    low, high = map(float, normalisation.get("intensity_range", (0, 255)))
    size = {"min": least_side(unet.sizes), "step": unet.sizes.step}
    sides = [
        {**space(axis, about), "size": dict(size), "concatenable": True}
        for axis in "yx"
    ]
    return {
        "id": INPUT,
        "description": f"grey levels {low:g}..{high:g}",
        "axes": [*leading(channel_names(unet.layers[0].inputs)), *sides],
        "data": {"type": "float32", "range": [low, high]},
        "test_tensor": source("test_input.npy", files),
        "preprocessing": preprocessing(normalisation),
    }


def preprocessing(normalisation: Mapping) -> list[dict]:
    """Describe what is done to an image before the network sees it.

    Images that were scaled to 8 bits for the training are not rounded as they were
    then: not every program could follow.
    """
    mean, std = map(float, normalisation_of_raw(normalisation))
    steps = [
        {"id": "fixed_zero_mean_unit_variance", "kwargs": dict(mean=mean, std=std)}
    ]
    if "intensity_range" in normalisation:
        low, high = map(float, normalisation["intensity_range"])
        steps.insert(0, {"id": "clip", "kwargs": {"min": low, "max": high}})
    return steps


def output_tensor(unet: UNet, about: About, files: Mapping[str, bytes]) -> dict:
    """Describe the probability and its size."""
    cut = {"halo": halo(unet.sizes)} if halo(unet.sizes) else {}
    sides = []
    for axis in "yx":
        size = {"tensor_id": INPUT, "axis_id": axis, "offset": -unet.sizes.shrinkage}
        sides.append({**space(axis, about), "size": size, **cut})
    return {
        "id": PROBABILITY,
        "description": "probability of cell interior, 0 = membrane",
        "axes": [*leading(["interior"]), *sides],
        "data": {"type": "float32", "range": [0.0, 1.0]},
        "test_tensor": source("test_output.npy", files),
    }


def leading(channels: list[str]) -> list[dict]:
    """Describe the axes before those of space."""
    return [
        {"type": "batch", "size": 1},
        {"type": "channel", "channel_names": channels},
    ]


def channel_names(inputs: int) -> list[str]:
    """Name the slices that a network sees at once.

    Examples
    --------
    >>> channel_names(3)
    ['slice -1', 'slice', 'slice +1']
    """
    reach = inputs // 2
    return [f"slice {d:+d}" if d else "slice" for d in range(-reach, reach + 1)]


def space(axis: str, about: About) -> dict:
    """Describe an axis of space, with the pixel size if it is known."""
    unit = {"unit": "nanometer", "scale": float(about.nm_per_pixel or 0)}
    return {"type": "space", "id": axis, **(unit if about.nm_per_pixel else {})}
