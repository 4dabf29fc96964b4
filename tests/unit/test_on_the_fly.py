import json

import numpy as np
import pytest
import torch
from training_files import (
    DEFAULTS,
    DRAWN,
    STORED,
    store_samples,
    write_settings,
    write_slices,
)

from unet2015.data.training_slices import read_statistics, read_training_slices
from unet2015.errors import InputError
from unet2015.samples.batches import read_batch
from unet2015.samples.on_the_fly import OnTheFlySamples
from unet2015.samples.stored import CachedSamples
from unet2015.training.prefetching import prefetched


def sources(folder, seed=0, **changes):
    """Return stored and drawn samples of the same stream."""
    write_slices(folder)
    write_settings(folder, **{**{stage: {} for stage in DEFAULTS}, **changes})
    store_samples(folder, seed)
    volume, truth, split, augmentation, weights = (
        folder / name for name in DRAWN.values()
    )
    settings = json.loads(augmentation.read_text())
    drawn = OnTheFlySamples(
        read_training_slices(volume, truth, split, settings),
        read_statistics(folder / "statistics.json").interior,
        seed,
        settings,
        json.loads(weights.read_text()),
    )
    return CachedSamples(*(folder / name for name in STORED.values())), drawn


def assert_identical(one, other):
    for name in one._fields:
        found, expected = getattr(one, name), getattr(other, name)
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()


CHANGES = {
    "default": {},
    "no border": {"weights": {"w0": 0}},
    "no balance": {"weights": {"class_balance": False}},
    "narrow": {"weights": {"sigma": 0.7, "w0": 123.4}},
    "neighbours": {"augmentation": {"neighbours": 1}},
    "no deformation": {"augmentation": {"displacement_std": 0.0, "noise": 0.0}},
    "larger than the slice": {"augmentation": {"side": 40, "samples": 3}},
}


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("seed", [0, 7])
def test_drawn_samples_are_the_stored_ones(tmp_path, case, seed):
    stored, drawn = sources(tmp_path, seed, **CHANGES[case])
    sizes = [(len(s), s.side, s.channels) for s in (drawn, stored)]
    assert sizes[0] == sizes[1]
    for index in reversed(range(len(stored))):
        assert_identical(drawn[index], stored[index])


def test_weights_contain_rounding_border_and_balance(tmp_path):
    _, drawn = sources(tmp_path)
    weights = np.stack([drawn[index].weights for index in range(5)])
    assert weights.dtype == np.float16
    assert len(np.unique(weights)) > 10  # not the classes alone
    interior = read_statistics(tmp_path / "statistics.json").interior
    assert np.float16(0.5 / interior) in weights


@pytest.mark.parametrize("workers", [1, 3, 8])
@pytest.mark.parametrize("reach", [0, 1])
def test_batches_do_not_depend_on_the_number_of_threads(tmp_path, workers, reach):
    stored, drawn = sources(tmp_path, augmentation={"neighbours": reach})
    read = [lambda step, s=s: read_batch(s, step, 3, 100, 50) for s in (stored, drawn)]
    batches = list(prefetched(read[1], 2, 12, workers))
    assert batches[0][0].shape == (3, 1 + 2 * reach, 16, 16)
    for step, batch in enumerate(batches, start=2):
        for found, expected in zip(batch, read[0](step), strict=True):
            assert torch.equal(found, expected)


def test_missing_class_is_refused_at_once(tmp_path):
    _, drawn = sources(tmp_path)
    with pytest.raises(InputError, match="100 % of the label pixels are interior"):
        OnTheFlySamples(drawn.slices, 1.0, 0, drawn.augmentation, DEFAULTS["weights"])
