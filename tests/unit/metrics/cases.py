"""Label/proposal pairs with the figures of the challenge's own program."""

import json
import os
from pathlib import Path

import numpy as np
from lacking import refuse

from unet2015.data.tiff import read_stack
from unet2015.metrics import checks

EMBEDDED = Path(__file__).parents[2] / "data" / "metrics"
EXPECTED = json.loads((EMBEDDED / "expected.json").read_text())
REAL = ("s01_real128_prob", "s02_real_stack3x160x192", "s06_full512_thick_binary")


def load(name, folder=EMBEDDED):
    """Labels and proposal of a case, the latter as probabilities."""
    labels = read_stack(folder / f"{name}_labels.tif")
    proposal = read_stack(folder / f"{name}_proposal.tif")
    if proposal.dtype == np.uint8:
        proposal = checks.rescaled(proposal, name)
    return labels, proposal


def real_folder():
    """The folder with the cases cut from the ISBI labels, which stay outside."""
    mirror = os.environ.get("UNET2015_MIRROR")
    folder = Path(mirror).parent / "metrics" if mirror else None
    if folder and folder.is_dir():
        return folder
    refuse(f"no real labels: UNET2015_MIRROR is {mirror!r}, no ../metrics there")


def differences(scores, expected):
    """The largest deviation of each metric from the challenge's figures."""
    keys = {
        "pixel_error": ("pixel_error", "pixel_fscore_curve"),
        "rand_error": ("rand_error", "rand_fscore_curve"),
        "warping_error": ("warping_error", "warping_curve"),
        "v_rand": ("v_rand_thinned", "v_rand_curve"),
        "v_info": ("v_info_thinned", "v_info_curve"),
    }
    found = {}
    for name, (value, curve) in keys.items():
        want = np.array(expected[curve])
        want = 1 - want if "fscore" in curve else want
        off = np.abs(scores[name].curve - want).max()
        found[name] = max(off, abs(scores[name].value - expected[value]))
    return found
