"""Trees of which each stands for a set: union-find with path halving."""

from unet2015.data.compiled import compiled


@compiled
def root(parents, i):
    """Return what stands for the set of an element; its path gets shorter.

    Parameters
    ----------
    parents : ndarray, int, shape (elements,)
        Of each element another one of its set, of the root itself; changed in place.
    i : int
        The element.

    Returns
    -------
    int
        The root.
    """
    while parents[i] != i:
        parents[i] = parents[parents[i]]  # shortens the path for the next visit
        i = parents[i]
    return i
