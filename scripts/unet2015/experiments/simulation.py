"""How often the rule of the verdicts errs, on generated trainings.

The slices are fixed, as in the experiment: a training's score is the truth plus noise
of its own. Claims that share a reference are compared with the same trainings.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from unet2015.experiments.intervals import t_interval
from unet2015.experiments.sample_size import POWER, power
from unet2015.experiments.verdicts import NONE, OPEN, SUPPORTED, decide

REFERENCES = (0, 1, 1, 0, 0, 0, 2)
"""Which claims are compared with the same trainings: seven claims, three references."""

NOISES: dict[str, Callable] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "t, 3 degrees of freedom": lambda rng, shape: rng.standard_t(3, shape) / np.sqrt(3),
    "one training in ten 5 SD low": lambda rng, shape: (
        rng.standard_normal(shape) - 5 * (rng.random(shape) < 0.1)
    ),
}
"""Of a training's score, in standard deviations (of the normal part)."""

RUNS = 2000


def simulated(seeds: int) -> pd.DataFrame:
    """Simulate the experiment with each kind of noise.

    Parameters
    ----------
    seeds : int
        Pairs of trainings of each claim.

    Returns
    -------
    DataFrame
        One row a kind of `noise`; fractions: `coverage` of the 95 % intervals;
        `familywise_error`, any *supported* or *contradicted* though nothing has an
        effect, with margins of 0, where it is largest; `power`, *supported* at twice
        the margin while the other six claims have no effect; `none`, *practically
        none* without effect; `false_none`, the same at an effect as large as the
        margin. The margin is the least for which so many seeds are planned.
    """
    margin = least_margin(seeds)
    rows = []
    for noise in NOISES:
        without = _losses(noise, seeds, 0.0)
        strong = _losses(noise, seeds, 2 * margin)
        false = ~np.isin(_decide(without, 0.0), [NONE, OPEN])
        rows.append(
            {
                "noise": noise,
                "coverage": np.mean([_covers(each) for each in without[:, 0]]),
                "familywise_error": false.any(axis=1).mean(),
                "power": (_decide(strong, margin)[:, 0] == SUPPORTED).mean(),
                "none": (_decide(without, margin)[:, 0] == NONE).mean(),
                "false_none": _false_none(noise, seeds, margin),
            }
        )
    return pd.DataFrame(rows)


def least_margin(seeds: int) -> float:
    """Return the least margin for which a number of seeds is planned.

    Parameters
    ----------
    seeds : int
        At least 5.

    Returns
    -------
    float
        In standard deviations of single trainings, to 0.01.
    """
    spread, count = np.sqrt(2), np.array([seeds])
    for margin in np.arange(0.01, 10, 0.01):
        effects = (2 * margin, 0)
        found = [power(e, spread, margin, count, len(REFERENCES)) for e in effects]
        if min(found) >= POWER:
            break
    return float(margin)


def _losses(noise: str, seeds: int, first: float) -> np.ndarray:
    """Draw losses, shape (RUNS, claims, seeds); only the first claim has an effect."""
    rng = np.random.default_rng(0)
    references = NOISES[noise](rng, (RUNS, max(REFERENCES) + 1, seeds))
    arms = NOISES[noise](rng, (RUNS, len(REFERENCES), seeds))
    losses = references[:, REFERENCES] - arms
    losses[:, 0] += first
    return losses


def _decide(losses: np.ndarray, margin: float) -> np.ndarray:
    """Give verdicts with the same margin for all claims."""
    count = losses.shape[1]
    return decide(losses, np.full(count, margin), count)


def _covers(losses: np.ndarray) -> bool:
    """Return whether the interval holds the truth, which is 0."""
    _, low, high = t_interval(losses)
    return low <= 0 <= high


def _false_none(noise: str, seeds: int, margin: float) -> float:
    """Return how often an effect as large as the margin is called practically none."""
    return (_decide(_losses(noise, seeds, margin), margin)[:, 0] == NONE).mean()
