"""The runtimes that predict: torch, or onnxruntime for an ONNX file.

A model is a file of weights with its card, or an exported package, which is both.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
import torch

from unet2015.data.adjacent_slices import network_input
from unet2015.errors import InputError
from unet2015.inference.package_files import is_package
from unet2015.inference.packages import load_package, read_package_card
from unet2015.inference.prediction import torch_network
from unet2015.inference.tiling import Network
from unet2015.network.device import (
    check_name,
    choose_device,
    choose_precision,
    configure,
    describe,
)
from unet2015.network.layers import Layers, unet_layers
from unet2015.network.model_files import architecture_text, load_model, read_card
from unet2015.network.processor import processor
from unet2015.network.sizes import Sizes

Provider = str | tuple[str, dict[str, int]]
"""Where onnxruntime computes, and on which of several devices."""

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


class Opened(NamedTuple):
    """A trained network, ready to predict."""

    network: Network
    layers: Layers
    normalisation: dict  # see unet2015.network.model_files
    run: dict  # `device`, `precision` and the `runtime` with its version
    offsets: list[list[int]]  # of its affinities, (slices, rows, columns), pixels


def open_model(
    model: Path, card: Path, device: str, threads: int, precision: str = "auto"
) -> Opened:
    """Open a trained network with the runtime that its file is for.

    Parameters
    ----------
    model : Path
        Weights as safetensors (torch), an ONNX file (onnxruntime), or a package of
        :mod:`unet2015.inference.packages` (torch).
    card : Path
        Its JSON, see :mod:`unet2015.network.model_files`; of a package, the package.
    device : str
        "auto", "cpu", "cuda" or "cuda:N".
    threads : int
        CPU threads.
    precision : str
        "auto", "float32" or "bfloat16" with torch; an ONNX file has its own.

    Returns
    -------
    Opened
        Its `network` maps grey values, float32, shape (height, width[, channels]) to
        logits, float32, shape (classes + affinities, height', width').

    Raises
    ------
    InputError
        If a file is missing or damaged, the two do not belong together, or the
        device is not there.
    """
    architecture, normalisation = described(card)
    layers, offsets = unet_layers(**architecture), architecture.get("affinities", [])
    if Path(model).suffix == ".onnx":
        session = open_session(model, providers(device), threads)
        _check_network(session, model, architecture, card)
        network = onnx_network(session, Sizes.of(layers))
        return Opened(network, layers, normalisation, onnx_run(session), offsets)
    chosen = choose_device(device)
    configure(chosen, threads, deterministic=True)
    arithmetic = choose_precision(precision, chosen)
    unet = load_package(model) if is_package(model) else load_model(model, card)[0]
    network = torch_network(unet, chosen, arithmetic)
    run = {"device": describe(chosen), "precision": arithmetic}
    run["runtime"] = f"torch {torch.__version__}"
    return Opened(network, layers, normalisation, run, offsets)


def open_models(
    models: Sequence[Path],
    cards: Sequence[Path],
    device: str,
    threads: int,
    precision: str = "auto",
) -> list[Opened]:
    """Open trained networks whose predictions are to be averaged.

    Parameters
    ----------
    models, cards : sequence of Path
        One card a model, in the same order.
    device, threads, precision
        See :func:`open_model`.

    Raises
    ------
    InputError
        As :func:`open_model`; or if there are not as many cards as models, a network
        has other channels than a prediction needs, or two differ in architecture or
        in the grey levels they were trained on.
    """
    if len(models) != len(cards):
        raise InputError(
            f"{len(models)} models and {len(cards)} cards, expected as many; give one "
            "--card a --model, in the same order"
        )
    first, *others = map(described, cards)
    check_channels(first[0], cards[0])
    for card, found in zip(cards[1:], others, strict=True):
        if found != first:
            raise InputError(
                f"{card} describes {_difference(found, first)} in {cards[0]}, "
                "expected the same; average networks trained on the same split with "
                "the same settings"
            )
    return [
        open_model(model, card, device, threads, precision)
        for model, card in zip(models, cards, strict=True)
    ]


def described(card: Path) -> tuple[dict, dict]:
    """Return architecture and normalisation, as a card or a package states them."""
    return read_package_card(card) if is_package(card) else read_card(card)


def check_channels(architecture: Mapping, card: Path) -> None:
    """Refuse a network that does not map a slice and its neighbours to two classes."""
    inputs, classes = architecture.get("in_channels", 1), architecture.get("classes", 2)
    if inputs % 2 == 0:
        raise InputError(
            f"{card} describes a network of {inputs} channels, expected an odd number: "
            "a slice and as many neighbours on either side; name another model"
        )
    if classes != 2:
        raise InputError(
            f"{card} describes a network of {classes} classes, expected 2: membrane "
            "and cell interior; name another model"
        )


def _difference(found: tuple[dict, dict], expected: tuple[dict, dict]) -> str:
    """Name the first key in which two descriptions differ, with both values."""
    ours, theirs = ({**one[0], **one[1]} for one in (found, expected))
    key = next(k for k in {**ours, **theirs} if ours.get(k) != theirs.get(k))
    return f"{key} {ours.get(key)!r}, which is {theirs.get(key)!r}"


def onnx_run(session: onnxruntime.InferenceSession) -> dict:
    """Return `device`, `precision` and `runtime` of an ONNX file's predictions."""
    noted = session.get_modelmeta().custom_metadata_map
    device = session.get_providers()[0].removesuffix("ExecutionProvider").lower()
    if device == "cpu":
        threads = session.get_session_options().intra_op_num_threads
        device = f"{processor()}, {threads} threads"
    return {
        "device": device,
        "precision": noted.get("precision", "float32"),
        "runtime": f"onnxruntime {onnxruntime.__version__}",
    }


def onnx_network(session: onnxruntime.InferenceSession, sizes: Sizes) -> Network:
    """Return a function from grey values to logits, as :func:`open_model` does.

    Parameters
    ----------
    session : InferenceSession
        See :func:`open_session`.
    sizes : Sizes
        Of its network; other sides are a ValueError.
    """
    (grey,) = session.get_inputs()

    def network(image: np.ndarray) -> np.ndarray:
        for side in image.shape[:2]:
            sizes.output_side(side)
        return session.run(None, {grey.name: network_input(image)})[0][0]

    return network


def providers(device: str) -> list[Provider]:
    """Return where onnxruntime computes on a device.

    Parameters
    ----------
    device : str
        "auto", "cpu", "cuda" or "cuda:N".

    Returns
    -------
    list of Provider
        What the first cannot compute falls to the next.

    Raises
    ------
    InputError
        If the device's name is unknown, or CUDA is asked for and not there.
    """
    check_name(device)
    available = CUDA in onnxruntime.get_available_providers()
    name, _, index = device.partition(":")
    if name == "cuda" and not available:
        raise InputError(
            f"device {device} is not there (onnxruntime offers no CUDA); use --device "
            "auto or cpu, or install onnxruntime-gpu"
        )
    if name == "cpu" or not available:
        return [CPU]
    return [(CUDA, {"device_id": int(index or 0)}), CPU]


def open_session(
    model: Path, chosen: list[Provider], threads: int
) -> onnxruntime.InferenceSession:
    """Open an ONNX file.

    Parameters
    ----------
    model : Path
        The file.
    chosen : list
        See :func:`providers`.
    threads : int
        CPU threads.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors, which also come as exceptions
    # Tiles differ in size: blocks kept for the next one would add up.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(model, options, providers=chosen)
    except Exception as error:  # onnxruntime raises many kinds on damaged files
        raise InputError(
            f"{model} cannot be opened by onnxruntime ({str(error).splitlines()[0]}); "
            "export the network again"
        ) from error


def _check_network(
    session: onnxruntime.InferenceSession, model: Path, architecture: dict, card: Path
) -> None:
    """Refuse an ONNX file of another network than the card describes."""
    noted = session.get_modelmeta().custom_metadata_map.get("architecture")
    if noted != architecture_text(architecture):
        raise InputError(
            f"{model} holds the network {noted}, but {card} describes {architecture}; "
            "export the network again"
        )
