"""Memory that a U-Net takes in inference: arithmetic without torch.

A forward pass is walked through in the order of
:meth:`unet2015.network.unet.UNet.forward`, adding up the tensors that are alive at
once. These bytes are exact. What a process takes beyond them was measured on the
CPU (torch 2.13, glibc) for 30 networks and tiles of widths 4 to 128 and 5 to
1800 MB, the hungriest in 8 processes each: up to 15 MB if the allocator gives every
freed block back at once, which can nearly double the time of a small tile, and
ordinarily up to a tenth and 135 MB, as it keeps blocks of up to 32 MiB for reuse.
That differs by 100 MB from one process to the next. `SAFETY` and `ALLOCATOR` cover
it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from unet2015.network.sizes import CONVOLUTION, Geometry

GB = 10**9
VALUE = 4
"""Bytes of a float32."""

SAFETY = 1.1
"""Factor on the modelled bytes of a forward pass."""

ALLOCATOR = 200_000_000
"""Bytes that the allocator and the convolution library keep for themselves."""


def gigabytes(count: int) -> float:
    """Return bytes in GB, rounded up to two digits."""
    return math.ceil(100 * count / GB) / 100


@dataclass(frozen=True)
class Footprint:
    """Memory of a U-Net in inference mode, float32, one tile at a time.

    Parameters
    ----------
    in_channels, width, depth, padding, norm, space_to_depth, skip, classes
        As of :class:`unet2015.network.unet.UNet`, with the same defaults.

    Examples
    --------
    >>> paper = Footprint()
    >>> paper.weight_bytes() / 4, paper.forward_bytes(572, 572) / 1e6
    (31030658.0, 307.522624)
    """

    in_channels: int = 1
    width: int = 64
    depth: int = 4
    padding: str = "valid"
    norm: str = "none"
    space_to_depth: int = 1
    skip: str = "concat"
    classes: int = 2

    @classmethod
    def of(cls, architecture: Mapping) -> "Footprint":
        """Return the footprint of a network by the arguments that made it."""
        known = [field.name for field in fields(cls)]
        return cls(**{key: architecture[key] for key in known if key in architecture})

    @property
    def geometry(self) -> Geometry:
        """Sizes that the network maps."""
        return Geometry(self.depth, self.padding, self.space_to_depth)

    @property
    def lost(self) -> int:
        """Pixels that one convolution takes from a side (0 if padded)."""
        return CONVOLUTION if self.padding == "valid" else 0

    def channels(self, level: int) -> int:
        """Return the channels of a level."""
        return self.width * 2**level

    def joined(self, level: int) -> int:
        """Return the channels that the expanding path convolves at a level."""
        return self.channels(level) * (2 if self.skip == "concat" else 1)

    def weight_bytes(self) -> int:
        """Return the bytes of all parameters and running statistics."""
        inputs, values = self.in_channels * self.space_to_depth**2, 0
        for level in range(self.depth + 1):
            values += self._double_conv_values(inputs, level)
            inputs = self.channels(level)
        for level in range(self.depth):
            channels = self.channels(level)
            values += 4 * 2 * channels * channels + channels  # 2x2 up-convolution
            values += self._double_conv_values(self.joined(level), level)
        return VALUE * (
            values + (self.width + 1) * self.classes * self.space_to_depth**2
        )

    def further_bytes(self, networks: int) -> int:
        """Return the bytes of the weights of all networks but the first."""
        return (networks - 1) * self.weight_bytes()

    def forward_bytes(self, height: int, width: int) -> int:
        """Return the peak bytes of one forward pass, without the weights.

        Parameters
        ----------
        height, width : int
            Sides of the tile, pixels; the network must be able to map them.
        """
        return VALUE * max(self._alive(height, width))

    def needed_bytes(self, height: int, width: int, beside: int = 0) -> int:
        """Return the bytes that a prediction needs, with a margin.

        Parameters
        ----------
        height, width : int
            Sides of the largest tile, pixels.
        beside : int
            Bytes of the arrays of the size of a slice, and of further networks.

        Returns
        -------
        int
            The weights of one network count twice, as reading them takes a copy.
        """
        margin = SAFETY * self.forward_bytes(height, width) + ALLOCATOR
        return 2 * self.weight_bytes() + beside + round(margin)

    def _double_conv_values(self, inputs: int, level: int) -> int:
        """Count the weights of two 3x3 convolutions and what follows each."""
        channels = self.channels(level)
        each = 4 if self.norm == "batch" else 1  # scale, shift, mean, variance; or bias
        return 9 * (inputs + channels) * channels + 2 * each * channels

    def _alive(self, height: int, width: int) -> Iterator[int]:
        """Give the values alive at the steps of a forward pass that take most.

        Pooling, up-convolution and concatenation take less than the convolutions
        before or after them.
        """
        kept = self.in_channels * height * width  # the tile; skipped maps join it
        x, h, w = kept, height // self.space_to_depth, width // self.space_to_depth
        for level in range(self.depth + 1):
            alive, x, h, w = self._double_conv(x, level, h, w)
            yield kept + alive
            if level < self.depth:
                kept, h, w = kept + x, h // 2, w // 2
                x = self.channels(level) * h * w
        for level in reversed(range(self.depth)):
            h, w = 2 * h, 2 * w
            x = self.joined(level) * h * w
            alive, x, h, w = self._double_conv(x, level, h, w)
            yield kept + alive
        yield (
            kept + x + 2 * self.classes * self.space_to_depth**2 * h * w
        )  # head, rearranged

    def _double_conv(
        self, x: int, level: int, h: int, w: int
    ) -> tuple[int, int, int, int]:
        """Return the values alive in two convolutions, and their output's size.

        The block's input stays alive until its end. Normalisation makes a copy,
        the ReLU does not.
        """
        lost, channels = self.lost, self.channels(level)
        first = channels * (h - lost) * (w - lost)
        h, w = h - 2 * lost, w - 2 * lost
        second = channels * h * w
        copied = 2 * first if self.norm == "batch" else 0
        return x + max(first + second, copied), second, h, w
