"""U-Net for electron-microscopy segmentation: the library behind the workflow.

Pure functions on arrays, one algorithm a module; folders in the order of the data.
The programs in the parent folder read files, call these functions and write files.
"""

import importlib

__version__ = "1.0.0"

PUBLIC = {
    "UNet": "unet2015.network.unet",
    "evaluate": "unet2015.metrics.challenge",
    "predict_tiled": "unet2015.inference.prediction",
    "weight_map": "unet2015.samples.weight_map",
}
"""What the library offers by a short name, and the module that defines it."""


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: torch alone takes seconds."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
