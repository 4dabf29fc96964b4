"""The F-score with the challenge's conventions for empty classes."""


def precision(tp: float, fp: float) -> float:
    """Return tp / (tp + fp), and 1 when there is no false positive.

    Parameters
    ----------
    tp, fp : float
        True and false positives, pixels or pairs of pixels, >= 0. With the
        false negatives as `fp`, the result is the recall.

    Returns
    -------
    float
        In 0..1.
    """
    return 1.0 if fp == 0 else float(tp / (tp + fp))


def f_score(tp: float, fp: float, fn: float) -> float:
    """Return the harmonic mean of precision and recall.

    F = 2 P R / (P + R), and 0 if P + R = 0.

    Parameters
    ----------
    tp, fp, fn : float
        True positives, false positives and false negatives, >= 0.

    Returns
    -------
    float
        In 0..1; 1 if there is neither a false positive nor a false negative,
        even if there is no true positive either.
    """
    p, r = precision(tp, fp), precision(tp, fn)
    return 0.0 if p + r == 0 else 2 * p * r / (p + r)
