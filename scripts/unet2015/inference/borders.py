"""What lies outside a slice: its mirror image (paper, figure 2) or zeros."""

import numpy as np

BORDERS = ("mirror", "zero")


def crop_mirrored(
    image: np.ndarray, rows: range, columns: range, border: str = "mirror"
) -> np.ndarray:
    """Cut a part from a slice that is continued without end.

    Parameters
    ----------
    image : ndarray, shape (height, width) or (height, width, channels)
        The slice.
    rows, columns : range
        Places on the slice; those below 0 or beyond its end lie outside.
    border : {"mirror", "zero"}
        Mirror image or zeros outside.

    Returns
    -------
    ndarray, shape (len(rows), len(columns)) or (len(rows), len(columns), channels)
        A copy of the slice's dtype, in C order.

    Raises
    ------
    ValueError
        If `border` is unknown.
    """
    if border not in BORDERS:
        raise ValueError(f"border is {border!r}, expected one of {BORDERS}")
    places = np.array(rows), np.array(columns)
    down, right = map(reflect, places, image.shape[:2])
    top, left = down.min(), right.min()  # what `take` is given, it may copy whole
    near = image[top : down.max() + 1, left : right.max() + 1]
    part = near.take(down - top, axis=0).take(right - left, axis=1)
    if border == "zero":
        inside = (
            (place >= 0) & (place < side)
            for place, side in zip(places, image.shape[:2], strict=True)
        )
        part[~np.logical_and.outer(*inside)] = 0
    return part


def reflect(places: np.ndarray, side: int) -> np.ndarray:
    """Mirror places about the centres of the border pixels, into 0..side - 1.

    Parameters
    ----------
    places : ndarray, int
        Along an axis, pixels.
    side : int
        Length of the axis, pixels.

    Returns
    -------
    ndarray, int
        Of the shape of `places`.

    Examples
    --------
    >>> reflect(np.arange(-4, 6), 3).tolist()
    [0, 1, 2, 1, 0, 1, 2, 1, 0, 1]
    """
    if side == 1:
        return np.zeros_like(places)
    places = places % (2 * (side - 1))
    return np.minimum(places, 2 * (side - 1) - places)
