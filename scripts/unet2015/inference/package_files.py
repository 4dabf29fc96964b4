"""Which files a model consists of; an exported package is a file or a folder."""

from pathlib import Path

from unet2015.errors import InputError

DESCRIPTIONS = ("rdf.yaml", "bioimageio.yaml")
"""Names of the file that describes a package; the first is what we write."""


def model_file(path: Path) -> Path:
    """Return the file that opens a model.

    Parameters
    ----------
    path : Path
        Of a model, a package or the folder of an unpacked one.

    Returns
    -------
    Path
        Of a folder, the description in it; else `path` itself.

    Raises
    ------
    InputError
        If a folder holds no description.
    """
    if not path.is_dir():
        return path
    for name in DESCRIPTIONS:
        if (path / name).is_file():
            return path / name
    raise InputError(
        f"{path} is a folder without {DESCRIPTIONS[0]}, expected an unpacked package; "
        "name the .safetensors, .onnx or .zip file of a model"
    )


def is_package(path: Path) -> bool:
    """Return whether a file is a package or the description of an unpacked one."""
    return path.suffix == ".zip" or path.name in DESCRIPTIONS


def card_of(model: Path) -> Path:
    """Return the JSON beside a model; a package holds its own description."""
    return model if is_package(model) else model.with_suffix(".json")
