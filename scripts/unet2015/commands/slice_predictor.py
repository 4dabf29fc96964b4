"""From slices to probabilities: by which views and tiles, counted, and kept."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from unet2015 import cli
from unet2015.commands.tile_clock import TileClock
from unet2015.errors import InputError
from unet2015.inference.backends import Opened
from unet2015.inference.kept_slices import Predict, keeping
from unet2015.inference.prediction import predict_tiled
from unet2015.inference.tile_choice import choose_tiles, count_tiles
from unet2015.inference.views import View
from unet2015.network.sizes import Sizes


class SlicePredictor:
    """Predicts slices of one size.

    Parameters
    ----------
    opened : sequence of Opened
        The networks whose predictions are averaged.
    settings : dict
        The section `inference` of the config.
    view : View
        How the networks see a slice: as it is, or resampled.
    offsets : sequence of three int each
        Of the networks' affinities, if they are asked for and `view` is the slice.

    Raises
    ------
    InputError
        If the settings do not suit the networks or the size of the slices.
    """

    def __init__(
        self,
        opened: Sequence[Opened],
        settings: dict,
        view: View,
        offsets: Sequence[Sequence[int]] = (),
    ):
        layers, count = opened[0].layers, len(opened)
        self._opened, self._settings, self._view = opened, settings, view
        self._offsets = offsets
        self._sizes = Sizes.of(layers)
        try:
            self._tiles = choose_tiles(
                view.shape, layers, settings, count, len(offsets)
            )
        except InputError:
            raise
        except ValueError as error:
            raise InputError(f"inference: {error}") from error
        runs = count_tiles(view.shape, self._sizes, settings, self._tiles)
        self._per_slice = runs * count

    @contextlib.contextmanager
    def counting(
        self, shape: tuple[int, int, int], kept: Path | None
    ) -> Iterator[Predict]:
        """Give the function that predicts a slice, while a bar counts its tiles.

        Parameters
        ----------
        shape : tuple of int
            How many slices will be predicted, and their height and width.
        kept : Path, optional
            Folder of slices that an interrupted program has predicted.
        """
        slices, height, width = shape
        what = f"{slices} slices of {height} x {width} px, {self._per_slice} tiles each"
        with cli.progress(total=slices * self._per_slice, unit="tile") as bar:
            clock = TileClock(bar, what)
            predict = self._predicting(clock)
            if kept:
                predict = keeping(kept, predict, lambda: clock.skip(self._per_slice))
            yield predict

    def _predicting(self, clock: TileClock) -> Predict:
        """Return the function from an image to its probabilities."""
        networks = [clock.counted(one.network) for one in self._opened]
        normalisation = self._opened[0].normalisation
        known = (self._sizes, networks, normalisation, self._settings, self._tiles)
        view, offsets = self._view, self._offsets
        return lambda image: view.backward(
            predict_tiled(view.forward(image), *known, offsets)
        )
