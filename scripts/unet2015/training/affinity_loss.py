"""The loss of affinities: binary cross-entropy and Dice loss."""

from torch import Tensor, nn, sigmoid

from unet2015.network.unet import centre_crop


def affinity_loss(
    logits: Tensor, targets: Tensor, cross_entropy: float, dice: float
) -> Tensor:
    """Return the weighted sum of two losses of affinities.

    The cross-entropy is the mean over all pairs of pixels that take part. The Dice loss
    is that of the pairs that are apart, which are few: with their probability p and the
    truth t, 0 or 1,

        1 - (1 + 2 Σ p t) / (1 + Σ p² + Σ t²)

    over the pairs of an offset, all samples together, and of this the mean over the
    offsets. The ones let an offset count that has no pair apart.

    Parameters
    ----------
    logits : Tensor, float, shape (batch, offsets, height, width)
        Of the probability that a pixel and the one at + offset are of one cell.
    targets : Tensor, int8, shape (batch, offsets, side, side)
        1 = of one cell, 0 = apart, -1 = takes no part; the centre is used if larger
        than the logits.
    cross_entropy, dice : float
        Weights of the two.

    Returns
    -------
    Tensor, float32, shape ()

    References
    ----------
    Milletari, Navab, Ahmadi, "V-Net: Fully convolutional neural networks for volumetric
    medical image segmentation", 2016, section 3 (the Dice loss with squares).

    Wolf et al., "The mutex watershed: efficient, parameter-free image partitioning",
    ECCV 2018 (affinities with the Dice loss).
    """
    targets = centre_crop(targets, logits.shape[-2:])
    logits = logits.float().contiguous()  # some channels of many: slow as they lie
    part, same = (targets >= 0).float(), (targets > 0).float()
    entropy = nn.functional.binary_cross_entropy_with_logits(
        logits, same, part, reduction="sum"
    ) / part.sum().clamp(min=1)
    apart, truth = part * sigmoid(-logits), part - same  # that is 0 or 1, as its square
    both, each = apart * truth, apart.square() + truth
    overlap = (1 + 2 * both.sum((0, 2, 3))) / (1 + each.sum((0, 2, 3)))
    return cross_entropy * entropy + dice * (1 - overlap).mean()
