"""Wrong variants that are seen in public code: the cases must catch them."""

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

from unet2015.metrics import components, thinning
from unet2015.metrics.challenge import evaluate

from .cases import EXPECTED, differences, load


def caught():
    """The metrics of which some case disagrees with the challenge."""
    found = set()
    for name, expected in EXPECTED.items():
        off = differences(evaluate(*load(name)), expected)
        found |= {metric for metric, value in off.items() if value > 1e-6}
    return found


def test_components_that_are_8_connected_are_caught(monkeypatch):
    def eight_connected(mask):
        return ndimage.label(mask, np.ones((3, 3)), output=np.int32)[0]

    monkeypatch.setattr(components, "label", eight_connected)
    assert caught() == {"rand_error", "warping_error", "v_rand", "v_info"}


def test_thinning_by_skeletonize_is_caught(monkeypatch):
    def skeletonized(basins):
        return ndimage.label(~skeletonize(basins == 0), output=np.int32)[0]

    monkeypatch.setattr(thinning, "thin", skeletonized)
    assert caught() == {"v_rand", "v_info"}


def test_thresholds_compared_in_single_precision_are_caught():
    # float32(0.1) is above 0.1 in double precision, equal to it in single.
    labels = np.full((1, 4, 4), 255, np.uint8)
    proposal = np.full((1, 4, 4), 0.1, np.float32)
    curve = evaluate(labels, proposal)["pixel_error"].curve
    np.testing.assert_array_equal(curve, [0.0] * 2 + [1.0] * 9)
