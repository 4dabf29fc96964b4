"""What decides the claims, as it was written down before the first training."""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from unet2015.config.experiments import claims_of
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.errors import InputError


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the files of :func:`read_design`."""
    parser.add_argument(
        "--design",
        type=Path,
        nargs="+",
        required=True,
        help="config files, each overlays those before; the last says what decides",
    )


def read_design(paths: Sequence[Path]) -> tuple[list[dict], str, str]:
    """Read the claims and what decides them.

    Parameters
    ----------
    paths : sequence of Path
        Config files; each overlays those before it.

    Returns
    -------
    claims : list of dict
        See :func:`unet2015.config.experiments.claims_of`.
    reference : str
        The experiment that the others inherit from.
    sha256 : str
        Of the last file, which rows of trainings carry.

    Raises
    ------
    InputError
        If a file cannot be read or is no config, or no claim is primary.
    """
    config = complete(read_overlays(paths))
    claims = claims_of(config)
    if not any(claim["primary"] for claim in claims):
        raise InputError(
            f"{paths[-1]} has no experiment with a primary claim, expected one at "
            "least; give config/claims.yaml"
        )
    sha256 = hashlib.sha256(Path(paths[-1]).read_bytes()).hexdigest()
    return claims, config["run"]["reference"], sha256
