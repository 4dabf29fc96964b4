"""Where the network runs and with which arithmetic."""

import contextlib
import logging
import os
import re

import torch

from unet2015.errors import InputError
from unet2015.network.processor import processor

log = logging.getLogger(__name__)


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called `name`.

    Parameters
    ----------
    name : str
        "auto" (CUDA if there is any, else CPU), "cpu", "cuda" or "cuda:N".

    Raises
    ------
    InputError
        If the name is another, or a CUDA device that torch does not see.
    """
    check_name(name)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"device {name} is not there (torch sees {torch.cuda.device_count()} CUDA "
            "devices); use --device auto or cpu, or install a CUDA build of torch"
        )
    return device


def check_name(device: str) -> None:
    """Raise InputError unless a device is called auto, cpu, cuda or cuda:N."""
    if not re.fullmatch("auto|cpu|cuda(:[0-9]+)?", device):
        raise InputError(f"device is {device!r}, expected auto, cpu, cuda or cuda:N")


def configure(device: torch.device, threads: int, deterministic: bool) -> None:
    """Set the number of CPU threads and the determinism switch.

    Parameters
    ----------
    device : torch.device
        TF32 and the convolution autotuner are settings of CUDA devices.
    threads : int
        CPU threads of torch.
    deterministic : bool
        Refuse operations without a deterministic implementation; off, cuDNN
        may choose the fastest algorithm anew in every run.
    """
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)
    # Else torch fills all new memory with NaN first: a sixth of a prediction's time.
    torch.utils.deterministic.fill_uninitialized_memory = False
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = not deterministic
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True


def choose_precision(asked: str, device: torch.device) -> str:
    """Return the arithmetic of convolutions and matrix products on a device.

    Parameters
    ----------
    asked : str
        "auto" (bfloat16 where the device computes in it, else float32), "float32"
        or "bfloat16", which a warning goes with where it is emulated.
    device : torch.device
        See :func:`choose_device`.

    Returns
    -------
    str
        "float32" or "bfloat16".

    Raises
    ------
    InputError
        If `asked` is anything else.
    """
    if asked not in ("auto", "float32", "bfloat16"):
        raise InputError(f"precision is {asked!r}, expected auto, float32 or bfloat16")
    native = has_bfloat16(device)
    if asked == "auto":
        return "bfloat16" if native else "float32"
    if asked == "bfloat16" and not native:
        log.warning(
            "precision is bfloat16, which %s only emulates, several times slower than "
            "float32; set precision to auto",
            describe(device),
        )
    return asked


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device computes in bfloat16 rather than emulate it.

    GPUs do from compute capability 8 on (A100, RTX 30), processors with AVX-512 BF16
    (Zen 4, Cooper Lake) or AMX (Sapphire Rapids).
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def native_precisions(device: torch.device) -> list[str]:
    """Return the precisions that a device computes in."""
    return ["float32", "bfloat16"] if has_bfloat16(device) else ["float32"]


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager:
    """Return a context in which convolutions and matrix products are of a precision.

    Parameters
    ----------
    device : torch.device
        Where they run.
    precision : {"float32", "bfloat16"}
        Of :func:`choose_precision`. Weights and normalisation statistics stay float32.
    """
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def describe(device: torch.device) -> str:
    """Return the device's name for the provenance, such as "AMD EPYC, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{processor()}, {torch.get_num_threads()} threads"
