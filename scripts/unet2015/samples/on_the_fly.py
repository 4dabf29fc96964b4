"""Training samples that are drawn when they are asked for, not stored."""

import math
from collections.abc import Sequence

import numpy as np

from unet2015.data.training_slices import TrainingSlices
from unet2015.samples.affinity_targets import AffinityTargets
from unet2015.samples.augmentation import sample
from unet2015.samples.stored import AffinitySample, WeightedSample
from unet2015.samples.weight_map import class_weights, weigh_labels


class OnTheFlySamples:
    """The samples of a stream with their weight maps, by index.

    Bit-identical to what `augment.py` and `weight_maps.py` store: both call the
    same pure functions, and weights are rounded to float16 here as there.

    Parameters
    ----------
    slices : TrainingSlices
        What samples are cut from.
    interior : float
        Fraction of interior pixels in these, 0..1, for the class weights.
    seed : int
        The stream of samples.
    augmentation, weights : dict
        The sections of the config, see
        :func:`unet2015.samples.augmentation.random_numbers` and
        :func:`unet2015.samples.weight_map.weigh_labels`.
    offsets : sequence of three int each
        (slices, rows, columns), pixels, of the affinities whose targets samples have.
    """

    def __init__(
        self,
        slices: TrainingSlices,
        interior: float,
        seed: int,
        augmentation: dict,
        weights: dict,
        offsets: Sequence[Sequence[int]] = (),
    ):
        self.slices, self.seed, self.augmentation = slices, seed, augmentation
        self.classes = class_weights(interior, weights["class_balance"])
        self.w0, self.sigma = weights["w0"], weights["sigma"]
        self.side = augmentation["side"]
        self.channels = math.prod(slices.images.shape[3:])
        self.affinities = AffinityTargets(slices, offsets) if offsets else None

    def __len__(self) -> int:
        return self.augmentation["samples"]

    def __getitem__(self, index: int) -> WeightedSample | AffinitySample:
        stream = self.seed, index, self.augmentation
        made = sample(self.slices.images, self.slices.labels, *stream)
        weights = weigh_labels(made.labels, self.classes, self.w0, self.sigma)
        weighted = made.image, made.labels, weights.astype(np.float16)
        if self.affinities is None:
            return WeightedSample(*weighted)
        return AffinitySample(*weighted, self.affinities.sample(*stream))
