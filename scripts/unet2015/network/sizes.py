"""Which sizes a U-Net maps, and how far it sees."""

from dataclasses import dataclass

from unet2015.network.layers import Layers


@dataclass(frozen=True)
class Sizes:
    """Sides of images that a U-Net maps, pixels.

    Parameters
    ----------
    step : int
        Distance between sides that the network can map.
    smallest_side : int
        Smallest side of an input that leaves at least one pixel of output.
    shrinkage : int
        Lost from input to output along one side (0 if padded).
    context : int
        Around a block of output, what it depends on; aligned to `step` if padded.

    Examples
    --------
    >>> from unet2015.network.layers import unet_layers
    >>> paper = Sizes.of(unet_layers())
    >>> paper
    Sizes(step=16, smallest_side=188, shrinkage=184, context=92)
    >>> paper.output_side(572)
    388
    """

    step: int
    smallest_side: int
    shrinkage: int
    context: int

    @classmethod
    def of(cls, layers: Layers) -> "Sizes":
        """Return the sizes of a network."""
        scale = step = 1  # pixels of the image for one of a feature map
        seen = lost = 0  # by all convolutions together, pixels of the image
        for layer in layers:
            scale = scale * layer.down // layer.up
            step = max(step, scale)
            seen += scale * (layer.lost + 2 * layer.padding)
            lost += scale * layer.lost
        smallest = 1
        for layer in reversed(layers):
            smallest = layer.input_side(smallest)
        half = seen // 2
        aligned = -(-(half + step - 1) // step) * step
        return cls(step, smallest, lost, half if lost else aligned)

    def output_side(self, side: int) -> int:
        """Return the output side in pixels for an input side in pixels.

        Raises
        ------
        ValueError
            If the network cannot map `side`; names the nearest that work.
        """
        smallest = self.smallest_side
        below = smallest + (side - smallest) // self.step * self.step
        if side == below >= smallest:
            return side - self.shrinkage
        near = [s for s in (below, below + self.step) if s >= smallest] or [smallest]
        raise ValueError(
            f"the network cannot map a side of {side} px; sides are {smallest} + "
            f"{self.step}·k px, the nearest are {' and '.join(map(str, near))}"
        )

    @property
    def excess(self) -> int:
        """Output pixels of the smallest input beyond a multiple of `step`."""
        return (self.smallest_side - self.shrinkage) % self.step

    def least_tile(self) -> int:
        """Return the smallest side in pixels of a tile of a larger canvas."""
        return 2 * self.context + self.step + self.excess
