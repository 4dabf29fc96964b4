"""Which inference settings differ in the backend or the precision alone."""

from unet2015.config.validation import STAGES

RUNTIME = ("backend", "precision", "memory", "tile")
"""Settings that change how a prediction is computed, but not what it means."""


def torch_peers(config: dict) -> dict[str, str]:
    """Return the inference settings that are to be compared with torch.

    Parameters
    ----------
    config : dict
        Of :func:`unet2015.config.validation.complete`.

    Returns
    -------
    dict of str to str
        By name, those of experiments that differ from the reference at most in
        `inference` and use another backend or precision; each with the first
        settings in torch and float32 that agree in all else. Settings without
        such a peer are left out.
    """
    reference = config["experiments"][config["run"]["reference"]]
    compared = {}
    for chosen in config["experiments"].values():
        same = all(chosen[s] == reference[s] for s in STAGES if s != "inference")
        name = chosen["inference"]
        if same and not _is_usual(config["inference"][name]):
            peer = _peer(config["inference"], config["inference"][name])
            compared |= {name: peer} if peer else {}
    return compared


def _is_usual(settings: dict) -> bool:
    """Tell whether settings leave backend and precision to the device, or are plain."""
    return settings["backend"] == "torch" and settings["precision"] != "bfloat16"


def _is_plain(settings: dict) -> bool:
    """Tell whether settings ask for torch and float32."""
    return (settings["backend"], settings["precision"]) == ("torch", "float32")


def _peer(inference: dict, settings: dict) -> str | None:
    """Return the first settings in torch and float32 that mean the same."""
    for name, other in inference.items():
        if _is_plain(other) and _meaning(other) == _meaning(settings):
            return name
    return None


def _meaning(settings: dict) -> dict:
    """Return what a prediction depends on, apart from rounding."""
    return {key: value for key, value in settings.items() if key not in RUNTIME}
