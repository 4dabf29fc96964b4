"""Pixels of an image and those at an offset."""

Places = tuple[slice, slice]
"""Rows and columns."""


def paired(shape: tuple[int, int], rows: int, columns: int) -> tuple[Places, Places]:
    """Return the pixels whose partner lies in the image too, and these partners.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the image, pixels.
    rows, columns : int
        From a pixel to its partner.

    Returns
    -------
    here, there : tuple of slice
        Of equal size; empty if the offset leads out of the image from everywhere.

    Examples
    --------
    >>> paired((4, 5), 1, -2)
    ((slice(0, 3, None), slice(2, 5, None)), (slice(1, 4, None), slice(0, 3, None)))
    """
    offset = (rows, columns)
    starts = [max(0, -shift) for shift in offset]
    stops = [
        max(start, min(side, side - shift))
        for side, shift, start in zip(shape, offset, starts, strict=True)
    ]
    here = tuple(map(slice, starts, stops))
    there = (
        slice(start + shift, stop + shift)
        for start, stop, shift in zip(starts, stops, offset, strict=True)
    )
    return here, tuple(there)
