import numpy as np
import pytest
from real_data import mirror

from unet2015.data.findings import measured
from unet2015.data.label_findings import label_findings
from unet2015.data.label_shift import contrast, shift_of
from unet2015.data.tiff import read_stack

RANDOM = np.random.default_rng(0)
LABELS = np.where(RANDOM.random((5, 40, 40)) < 0.8, 255, 0).astype(np.uint8)
VOLUME = (60 + LABELS // 3 + RANDOM.integers(0, 40, LABELS.shape)).astype(np.uint8)


def test_contrast_is_the_difference_of_the_means():
    volume = np.array([[[10, 20, 100]], [[0, 0, 50]]], np.uint8)
    labels = np.array([[[0, 0, 255]], [[255, 0, 0]]], np.uint8)
    assert contrast(volume[:1], labels[:1]) == 85
    assert contrast(volume, labels, 1) == 50  # labels of slice 0 on slice 1
    assert contrast(volume, labels, 2) == 0
    assert contrast(volume, np.full_like(labels, 255)) == 0


@pytest.mark.parametrize("shift", [-1, 0, 1])
@pytest.mark.parametrize("slices", [3, 5])
@pytest.mark.parametrize("bright", [True, False])
def test_shift_is_found(shift, slices, bright):
    volume = VOLUME if bright else 255 - VOLUME
    moved = np.roll(volume, shift, axis=0)
    assert shift_of(moved[:slices], LABELS[:slices]) == shift


@pytest.mark.parametrize("slices", [1, 2, 5])
def test_noise_and_single_slices_are_no_shift(slices):
    noise = RANDOM.integers(0, 256, (slices, 40, 40), dtype=np.uint8)
    assert shift_of(VOLUME[:slices], LABELS[:slices]) == 0
    assert shift_of(noise, LABELS[:slices]) == 0


@pytest.mark.parametrize(("shift", "word"), [(0, None), (1, "later"), (-1, "earlier")])
def test_shifted_labels_are_found(shift, word):
    pair = measured("train", np.roll(VOLUME, shift, axis=0), LABELS)
    found = [each for each in label_findings(pair) if each.kind == "neighbour"]
    assert len(found) == (word is not None)
    if word:
        expected = f"train-labels fit train-volume better one slice {word} than where"
        assert found[0].sentence.startswith(expected)


@pytest.mark.real_data
def test_every_pair_of_slices_of_isbi2012_tells():
    volume, labels = (
        read_stack(mirror() / f"train-{kind}.tif") for kind in ("volume", "labels")
    )
    assert shift_of(volume[1:], labels[:-1]) == -1
    assert shift_of(volume[:-1], labels[1:]) == 1
    assert not any(shift_of(volume[i : i + 2], labels[i : i + 2]) for i in range(29))


def test_unknown_pixels_say_nothing():
    volume = np.uint8([[[10, 90, 200, 200]]])
    labels = np.uint8([[[0, 255, 127, 127]]])
    assert contrast(volume, labels) == 80
    assert contrast(volume, np.uint8([[[255, 0, 127, 127]]])) == -80
