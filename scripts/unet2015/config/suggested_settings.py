"""Settings that follow from a dataset, as a config that completes."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import yaml

from unet2015.network.layers import unet_layers
from unet2015.network.sizes import Sizes
from unet2015.settings import schema_of

PRESET_NM = 4.0
"""Pixel size of ISBI 2012, for which `config/config.yaml` was chosen, nm."""

PRESET = {"side": 256, "displacement_std": 5, "sigma": 5}
"""Its lengths, px. Not those of the config: that may be scaled already."""

ALIKE = 1.05
"""Ratio of pixel sizes up to which lengths stay, as predictions do not resample."""

LARGER = 2.0
"""Growth of lengths at most: memory and time grow by the square of a sample's side."""


class Suggestion(NamedTuple):
    """Settings, and a sentence for each on why."""

    config: dict  # overlays config/config.yaml
    reasons: list[str]

    @property
    def text(self) -> str:
        """The settings as YAML."""
        return yaml.safe_dump(self.config, sort_keys=False)


def suggest(
    name: str,
    entry: Mapping,
    shape: tuple[int, int, int],
    annotated: int,
    chosen: Mapping[str, Mapping],
) -> Suggestion:
    """Return the settings that follow from a dataset.

    Parameters
    ----------
    name : str
        Of the dataset.
    entry : mapping
        What the config says of it.
    shape : tuple of int
        Of the training volume: slices, height and width.
    annotated : int
        Slices of it with labels.
    chosen : mapping
        `folds`, and of the reference experiment `augmentation`, `weights` and
        `network`, each with its `name` and its settings.

    Returns
    -------
    Suggestion
        Nothing is tuned: lengths keep their nanometres.
    """
    augmentation, weights = chosen["augmentation"], chosen["weights"]
    lengths, why = _lengths(entry.get("nm_per_pixel"), {**augmentation, **weights})
    folds, why_folds = _folds(chosen["folds"], annotated)
    side, why_side = _side(chosen["network"], lengths["side"], min(shape[1:]))
    moved = {"side": side, "displacement_std": lengths["displacement_std"]}
    config = {
        "run": {"datasets": [name], **folds},
        "datasets": {name: _stated(entry)},
        "augmentation": {augmentation["name"]: moved},
        "weights": {weights["name"]: {"sigma": lengths["sigma"]}},
    }
    return Suggestion(config, [why_folds, why_side, why])


def _lengths(nm_per_pixel: float | None, known: Mapping) -> tuple[dict, str]:
    """Return lengths in pixels, and why."""
    kept = {key: known[key] for key in PRESET}
    if nm_per_pixel is None:
        return kept, (
            "Lengths in pixels stay, as the pixel size is not known: state "
            "nm_per_pixel beside source to have them scaled."
        )
    factor = PRESET_NM / nm_per_pixel
    if abs(math.log(factor)) <= math.log(ALIKE):
        return kept, (
            f"Lengths in pixels stay: the preset was chosen at {PRESET_NM:g} nm a "
            "pixel."
        )
    scaled = {k: _two_digits(PRESET[k] * min(factor, LARGER)) for k in PRESET}
    scaled["side"] = round(PRESET["side"] * min(factor, LARGER))
    why = "they keep their nanometres."
    if factor > LARGER:
        why = f"not more than {LARGER:g} times: average pixels over squares first."
    return scaled, (
        f"Lengths in pixels are {PRESET_NM:g}/{nm_per_pixel:g} of the preset's, which "
        f"was chosen at {PRESET_NM:g} nm a pixel: {why}"
    )


def _folds(folds: int, annotated: int) -> tuple[dict, str]:
    """Return the blocks of cross-validation, and why."""
    if annotated < 2:
        return {}, "A single annotated slice cannot be cut into folds."
    fewer = min(folds, annotated)
    names = [f"fold{k}" for k in range(fewer)]
    why = f"Cross-validation cuts {annotated} annotated slices into {fewer} folds."
    return {"folds": fewer, "splits": names}, why


def _side(network: Mapping, wanted: int, shortest: int) -> tuple[int, str]:
    """Return the side of a sample, and why."""
    settings = {key: value for key, value in network.items() if key != "name"}
    sizes = Sizes.of(unet_layers(**settings))
    fits = shortest + sizes.shrinkage
    steps = max(min(wanted, fits) - sizes.smallest_side, 0) // sizes.step
    why = "the tissue of the preset's" if wanted <= fits else "the slices' size"
    return sizes.smallest_side + steps * sizes.step, (
        f"Samples have the largest side up to {min(wanted, fits)} px ({why}) that "
        f"network.{network['name']} maps."
    )


def _two_digits(length: float) -> float:
    """Return a length to two digits, and a whole number as one."""
    rounded = float(f"{length:.2g}")
    return int(rounded) if rounded.is_integer() else rounded


def _stated(entry: Mapping) -> dict:
    """Return what a config says of a dataset, without what only completes it."""
    source = entry["source"]
    completes = {"phantom": source != "phantom" and entry.get("phantom")}
    completes["interior"] = schema_of("interior")["default"]
    own = {k: v for k, v in entry.items() if v != completes.get(k)}
    if "files" in own:  # in the order in which people give them
        known = schema_of("files")["properties"]
        own["files"] = {k: own["files"][k] for k in known if k in own["files"]}
    return {"source": source, **own}
