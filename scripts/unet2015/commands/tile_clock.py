"""How long a prediction will take, said after its second tile."""

import logging
import time

import numpy as np
from tqdm import tqdm

from unet2015 import cli
from unet2015.inference.tiling import Network

log = logging.getLogger(__name__)


class TileClock:
    """Counts the tiles of a prediction and moves a progress bar.

    Parameters
    ----------
    bar : tqdm
        With as many steps as there are tiles.
    what : str
        What is predicted, for the estimate.
    """

    def __init__(self, bar: tqdm, what: str):
        self._bar, self._what = bar, what
        self._run, self._left = 0, bar.total

    def counted(self, network: Network) -> Network:
        """Return `network`, but every tile is counted.

        Parameters
        ----------
        network : Network
            See :data:`unet2015.inference.tiling.Network`.
        """

        def run(image: np.ndarray) -> np.ndarray:
            started = time.perf_counter()
            logits = network(image)
            self._run += 1
            if self._run == 2:  # the first one also warms up
                seconds = (time.perf_counter() - started) * (self._left - 1)
                log.info("%s: about %s left", self._what, cli.duration(seconds))
            self.skip(1)
            return logits

        return run

    def skip(self, tiles: int) -> None:
        """Count tiles that are done.

        Parameters
        ----------
        tiles : int
            Since the last call.
        """
        self._left -= tiles
        self._bar.update(tiles)
