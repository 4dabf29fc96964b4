"""Config files, overlaid as Snakemake does with `--configfile`."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from unet2015.errors import InputError


def read_overlays(paths: Sequence[Path | str]) -> dict:
    """Read config files; each overlays those before it, key by key.

    Parameters
    ----------
    paths : sequence of Path or str
        YAML.

    Returns
    -------
    dict
        For :func:`unet2015.config.validation.complete`.

    Raises
    ------
    InputError
        If a file cannot be read, or is not a mapping.
    """
    config: dict = {}
    for path in paths:
        try:
            overlay = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise InputError(f"{path} cannot be read as YAML: {error}") from error
        if not isinstance(overlay, dict):
            raise InputError(
                f"{path} holds {type(overlay).__name__}, expected sections such as "
                "`training:`; see config/README.md"
            )
        _overlay(config, overlay)
    return config


def _overlay(below: dict, above: Mapping) -> None:
    """Put a mapping over another, in place, at every level."""
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _overlay(below[key], value)
        else:
            below[key] = copy.deepcopy(value)
