"""The weighted cross-entropy of the paper (section 3, equation 1)."""

from torch import Tensor, nn

from unet2015.network.unet import centre_crop


def weighted_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the mean over pixels of w(x) · -log p_label(x).

    The paper writes the sum; the mean makes the learning rate independent of
    the tile size.

    Parameters
    ----------
    logits : Tensor, float, shape (batch, classes, height, width)
        Output of the network.
    labels : Tensor, int64, shape (batch, side, side)
        Class of each pixel; the centre is used if larger than the logits.
    weights : Tensor, float, shape (batch, side, side)
        Weight map, cropped likewise.

    Returns
    -------
    Tensor, float32, shape ()

    See Also
    --------
    unet2015.samples.weight_map.weight_map : The w(x) of the paper.
    """
    size = logits.shape[-2:]
    entropy = nn.functional.cross_entropy(
        logits.float(), centre_crop(labels, size), reduction="none"
    )
    return (entropy * centre_crop(weights, size)).mean()
