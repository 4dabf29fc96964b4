"""Where the network runs and with which arithmetic."""

import contextlib
import os
import re

import torch

from unet2015.errors import InputError


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
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not re.fullmatch("cpu|cuda(:[0-9]+)?", name):
        raise InputError(f"device is {name!r}, expected auto, cpu, cuda or cuda:N")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"device {name} is not there (torch sees {torch.cuda.device_count()} CUDA "
            "devices); use --device auto or cpu, or install a CUDA build of torch"
        )
    return device


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
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = not deterministic
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True


def autocast(device: torch.device) -> contextlib.AbstractContextManager:
    """Return bfloat16 autocast on CUDA, and no change on the CPU.

    Emulated bfloat16 is several times slower than float32 on most CPUs.
    """
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def describe(device: torch.device) -> str:
    """Return the device's name for the provenance, such as "cpu, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} threads"
