"""Memory that does not suffice, said in one line instead of a traceback."""

import contextlib
from collections.abc import Iterator

import torch

from unet2015.errors import InputError

WORDS = (
    "can't allocate memory",  # torch on a CPU
    "not enough memory",  # the same on Windows
    "out of memory",  # CUDA, where memory is pinned
    "ALLOC_FAILED",  # cuDNN, cuBLAS
    "Failed to allocate memory",  # onnxruntime
)
"""What libraries say that raise nothing better than a RuntimeError."""


@contextlib.contextmanager
def naming(cure: str) -> Iterator[None]:
    """Turn a lack of memory, of the machine or of its GPU, into one line.

    Parameters
    ----------
    cure : str
        The settings to lower, with their values.

    Raises
    ------
    InputError
        Instead of what Python, NumPy, torch and onnxruntime raise.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error)
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if not (known or any(words in text for words in WORDS)):
            raise
        what = text.splitlines()[0] if text else "no more of it"
        raise InputError(f"the memory does not suffice ({what}); {cure}") from error
