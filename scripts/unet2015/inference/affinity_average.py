"""The mean of affinities over views, which see their offsets turned and mirrored."""

from collections.abc import Iterator, Sequence

import numpy as np

from unet2015.data.offsets import paired
from unet2015.inference.views import Turn, View


class AffinitySums:
    """The affinities of a slice, summed over views.

    Seen in a view, an offset is another one. Where the network knows that one, its
    affinities are those of the offset; where it knows the opposite, they are too, but
    those of the pixel at the other end of the pair. Else the view takes no part in the
    mean of that offset; nor does one whose pixels are not those of the slice, since an
    offset of a resized slice is no whole number of pixels and its network was trained
    on distances in pixels.

    Parameters
    ----------
    totals : ndarray, float32, shape (offsets, height, width)
        Zeros; the sums are added here. They stay 0 where the pixel at + offset lies
        outside the slice.
    offsets : sequence of three int each
        (slices, rows, columns), pixels, of the network's affinities; none is the
        opposite of another.
    """

    def __init__(self, totals: np.ndarray, offsets: Sequence[Sequence[int]]):
        self.totals, self.offsets = totals, [tuple(each) for each in offsets]
        self._counts = np.zeros(len(offsets), np.float32)

    def add(self, view: View, affinities: np.ndarray) -> None:
        """Add what was predicted in a view.

        Parameters
        ----------
        view : View
            One that has a `turn`.
        affinities : ndarray, float32, shape (offsets, view height, view width)
            Of the offsets as they are seen in the view.
        """
        for number, offset in enumerate(self.offsets):
            total = self.totals[number]
            here, there = paired(total.shape, offset[1:])
            for seen, end in zip(_seen(offset, view.turn), (here, there), strict=False):
                if seen in self.offsets:
                    known = affinities[self.offsets.index(seen)]
                    total[here] += view.backward(known)[end]
                    self._counts[number] += 1

    def average(self, networks: int) -> None:
        """Turn the sums into means, 0..1, in place.

        Parameters
        ----------
        networks : int
            How many were summed in each view.
        """
        self.totals /= (networks * self._counts)[:, np.newaxis, np.newaxis]
        np.clip(self.totals, 0, 1, out=self.totals)


def _seen(offset: tuple[int, int, int], turn: Turn) -> Iterator[tuple[int, int, int]]:
    """Give an offset as it is seen in a view, then its opposite.

    Between slices there is none: the other end of a pair lies in another slice.
    """
    slices, rows, columns = offset
    yield slices, *turn(rows, columns)
    if slices == 0:
        yield slices, *turn(-rows, -columns)
