"""Which sizes a U-Net maps, and how far it sees: arithmetic without torch."""

from dataclasses import dataclass

CONVOLUTION = 2
"""Pixels that one unpadded 3x3 convolution takes from a side."""


@dataclass(frozen=True)
class Geometry:
    """Sizes of a U-Net with two 3x3 convolutions a level.

    Parameters
    ----------
    depth : int
        Number of 2x2 poolings.
    padding : {"valid", "same"}
        Unpadded convolutions, or padded ones that keep the size.
    space_to_depth : int
        Space-to-depth factor before the first level.

    Examples
    --------
    >>> paper = Geometry(depth=4, padding="valid", space_to_depth=1)
    >>> paper.output_side(572), paper.context, paper.step, paper.smallest_side
    (388, 92, 16, 188)
    """

    depth: int
    padding: str
    space_to_depth: int

    @property
    def step(self) -> int:
        """Distance in pixels between sides that the network can map."""
        return self.space_to_depth * 2**self.depth

    @property
    def reach(self) -> int:
        """Pixels that all convolutions together take from one side, if unpadded."""
        pair = 2 * CONVOLUTION
        both_paths = 2 * sum(2**level for level in range(self.depth))
        return self.space_to_depth * pair * (both_paths + 2**self.depth)

    @property
    def shrinkage(self) -> int:
        """Pixels lost from input to output along one side (0 if padded)."""
        return self.reach if self.padding == "valid" else 0

    @property
    def context(self) -> int:
        """Pixels around a block of output, aligned to `step`, that it depends on."""
        half = self.reach // 2
        if self.padding == "valid":
            return half
        return -(-(half + self.step - 1) // self.step) * self.step

    @property
    def smallest_side(self) -> int:
        """Smallest input side that leaves at least one output pixel."""
        if self.padding == "same":
            return self.step
        side = 2 * CONVOLUTION + 1  # at the bottom level
        for _ in range(self.depth):
            side = 2 * side + 2 * CONVOLUTION
        lacking = max(0, self.reach // self.space_to_depth + 1 - side)
        return self.space_to_depth * (
            side + -(-lacking // 2**self.depth) * 2**self.depth
        )

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

    def least_tile(self) -> int:
        """Return the smallest side in pixels of a tile of a larger canvas."""
        return 2 * self.context + self.step + self.excess

    @property
    def excess(self) -> int:
        """Output pixels of the smallest input beyond a multiple of `step`."""
        return (self.smallest_side - self.shrinkage) % self.step
