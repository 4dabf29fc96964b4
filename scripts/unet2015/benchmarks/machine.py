"""The machine that a benchmark ran on."""

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from unet2015.network.processor import processor

LIBRARIES = [
    "torch",
    "numpy",
    "scipy",
    "numba",
    "opencv-python-headless",
    "scikit-image",
    "onnxruntime",
    "openvino",
    "monai",
    "albumentations",
]
"""What the contenders of the benchmarks are made with; those installed are named."""

GIB = 2**30

MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where version 2 and version 1 of Linux's control groups tell their memory."""


def machine(threads: int) -> str:
    """Return processor, cores, memory and versions of the libraries on one line.

    Parameters
    ----------
    threads : int
        That the benchmark might use.
    """
    processors = os.cpu_count() or 1
    parts = [
        processor(),
        f"{cores() or processors} cores, {processors} hardware threads, {threads} used",
        f"{memory() / GIB:.0f} GiB",
        f"{platform.system()}, Python {platform.python_version()}",
    ]
    libraries = [" ".join(pair) for pair in versions(LIBRARIES).items()]
    return "; ".join([*parts, ", ".join(libraries)])


def cores(table: Path = Path("/proc/cpuinfo")) -> int:
    """Count physical cores, of which several threads may share one; 0 = unknown."""
    text = table.read_text(encoding="utf-8") if table.is_file() else ""
    sockets = re.findall(r"^physical id\s*: (\d+)$", text, re.M)
    numbers = re.findall(r"^core id\s*: (\d+)$", text, re.M)
    return len(set(zip(sockets, numbers, strict=True)))


def memory(limits: Iterable[Path] = MEMORY_LIMITS) -> int:
    """Return the bytes of main memory that this machine or container has.

    Parameters
    ----------
    limits : iterable of Path
        Files that may hold a bound: that of a control group.
    """
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    texts = [path.read_text(encoding="utf-8") for path in limits if path.is_file()]
    return min([total, *(int(text) for text in texts if text.strip().isdigit())])


def graphics_cards() -> int:
    """Count the NVIDIA cards that programs started from here will see."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return len(
            [name for name in visible.split(",") if name.strip() not in ("", "-1")]
        )
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)
    except OSError:
        return 0
    return len(re.findall(r"^GPU \d+", listed.stdout, re.M))


def versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages, without those that are not installed."""
    found = {}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
