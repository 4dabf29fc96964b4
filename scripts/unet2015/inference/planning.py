"""In which tiles the views of a slice are predicted."""

import math
from collections.abc import Sequence

from unet2015.inference.tile_choice import choose_tile
from unet2015.inference.tiling import cut
from unet2015.inference.views import views
from unet2015.network.memory import VALUE, Footprint
from unet2015.network.sizes import Geometry


def slice_bytes(shape: tuple[int, int], kind: str, channels: int = 1) -> int:
    """Return the bytes of the arrays that grow with the slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    kind : {"none", "symmetries", "scales", "rotations"}
        Of `test_time_augmentation` in the config.
        See :func:`unet2015.inference.views.views`.
    channels : int
        Slices that the network sees at once.

    Returns
    -------
    int
        The grey levels (as read and as put together) and, in float32, the
        normalised grey values, the sum of the views, the probability of one, and
        the slice before, which is being written; for rotations and scales also
        grey values and probability as rotated or resized.
    """
    pixels = math.prod(shape)
    largest = max(math.prod(view.shape) for view in views(kind, shape))
    warped = kind in ("rotations", "scales")
    seen = (channels + 1) * VALUE * largest if warped else 0
    grey = channels * (1 + VALUE) + (channels if channels > 1 else 0)
    return (grey + 3 * VALUE) * pixels + seen


def choose_tiles(
    shape: tuple[int, int], footprint: Footprint, settings: dict, networks: int = 1
) -> list[tuple[int, int]]:
    """Choose the tile of each view of a slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    footprint : Footprint
        Of one network.
    settings : dict
        The section `inference` of the config: `test_time_augmentation`, `memory`,
        `tile`.
    networks : int
        How many are averaged; the weights of all stay in memory.

    Returns
    -------
    list of tuple of int
        See :func:`unet2015.inference.tile_choice.choose_tile`.
    """
    beside = slice_bytes(
        shape, settings["test_time_augmentation"], footprint.in_channels
    )
    beside += footprint.further_bytes(networks)
    memory, tile = settings["memory"], settings["tile"]
    return [
        choose_tile(view.shape, footprint, memory, beside, tile)
        for view in views(settings["test_time_augmentation"], shape)
    ]


def count_tiles(
    shape: tuple[int, int],
    geometry: Geometry,
    settings: dict,
    tiles: Sequence[tuple[int, int]],
) -> int:
    """Return how often each network runs for one slice.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the slice, pixels.
    geometry : Geometry
        Of the network.
    settings : dict
        The section `inference` of the config: `test_time_augmentation`.
    tiles : sequence of tuple of int
        Of :func:`choose_tiles`.
    """
    return sum(
        math.prod(
            len(cut(side, geometry, largest))
            for side, largest in zip(view.shape, tile, strict=True)
        )
        for view, tile in zip(
            views(settings["test_time_augmentation"], shape), tiles, strict=True
        )
    )
