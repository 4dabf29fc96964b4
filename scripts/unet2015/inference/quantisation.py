"""8-bit integers instead of float32: static quantisation of an ONNX file.

Weights have a scale for each output channel. The range of every feature map is
measured on slices that the network was trained on. Where values are rounded,
the file has a pair of QuantizeLinear and DequantizeLinear, from which the
runtime makes integer convolutions.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

from unet2015.atomic_write import atomic_write
from unet2015.data.adjacent_slices import network_input
from unet2015.errors import InputError
from unet2015.inference.borders import crop_mirrored
from unet2015.inference.onnx_export import HEAD
from unet2015.inference.onnx_graph import INPUT, describe
from unet2015.network.sizes import Geometry

SIDE = 512
"""Least height and width of a calibration image, pixels."""


class CalibrationImages(CalibrationDataReader):
    """Gives one normalised image after another to the calibration.

    Parameters
    ----------
    images : iterable of ndarray, float32, shape (height, width[, channels])
        Of sides that the network maps.
    """

    def __init__(self, images: Iterable[np.ndarray]):
        self._images = iter(images)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next input of the network, None after the last."""
        image = next(self._images, None)
        return None if image is None else {INPUT: network_input(image)}


def calibration_image(
    image: np.ndarray, geometry: Geometry, normalisation: dict
) -> np.ndarray:
    """Return the centre of a slice, mirrored beyond its borders.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width) or (height, width, channels)
        Grey levels.
    geometry : Geometry
        Of the network.
    normalisation : dict
        `mean` and `std` in grey levels.

    Returns
    -------
    ndarray, float32, shape (side, side) or (side, side, channels)
        Normalised grey values; `side` is the smallest of at least `SIDE` that
        the network maps, so that the memory does not depend on the slice.
    """
    steps = max(0, -(-(SIDE - geometry.smallest_side) // geometry.step))
    side = geometry.smallest_side + steps * geometry.step
    starts = ((length - side) // 2 for length in image.shape[:2])
    rows, columns = (range(start, start + side) for start in starts)
    grey = crop_mirrored(image, rows, columns).astype(np.float32)
    return (grey - np.float32(normalisation["mean"])) / np.float32(normalisation["std"])


def quantise(
    source: Path, images: Iterable[np.ndarray], architecture: dict, path: Path
) -> None:
    """Write an 8-bit copy of an ONNX file, whole or not at all.

    Parameters
    ----------
    source : Path
        Of :func:`unet2015.inference.onnx_export.export_model`.
    images : iterable of ndarray, float32, shape (height, width[, channels])
        Normalised grey values that the ranges are measured on.
    architecture : dict
        Of the network; noted in the file.
    path : Path
        The ONNX file.

    Raises
    ------
    InputError
        If `source` cannot be read.

    Notes
    -----
    Weights have 7 bits: CPUs without 8-bit dot products (VNNI) add pairs of
    products in 16 bits, which 8-bit weights overflow. The head stays float32: it
    is little work, and its rounding would go into every logit.
    """
    model = read_onnx(source)
    # Says that layers are fused already, as they are by the export.
    helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    with tempfile.TemporaryDirectory() as folder:  # files are left beside the input
        plain, rounded = Path(folder, "plain.onnx"), Path(folder, "rounded.onnx")
        onnx.save_model(model, plain)
        quantize_static(
            plain,
            rounded,
            CalibrationImages(images),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[HEAD],
        )
        model = onnx.load(rounded)
    describe(model, architecture, "int8")
    with atomic_write(path) as temporary:
        onnx.save_model(model, temporary)


def read_onnx(path: Path) -> onnx.ModelProto:
    """Read an ONNX model.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf raises its own kinds on damaged files
        raise InputError(
            f"{path} is no ONNX model ({str(error).splitlines()[0]}); "
            "export the network again"
        ) from error
    return model
