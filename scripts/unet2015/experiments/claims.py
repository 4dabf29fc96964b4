"""What the effects of experiments say of the paper's claims."""

from collections.abc import Mapping

import pandas as pd

from unet2015.errors import InputError
from unet2015.experiments.effects import BETTER, OPEN, WORSE

SUPPORTED, UNSUPPORTED = "supported", "not supported"
UNDECIDED = "not decided at this budget"

DECIDING = "v_rand"
"""The metric that decides a claim: the one by which the challenge ranks. A claim
with five chances to come out would come out too often."""


def claim_verdicts(table: pd.DataFrame, claims: Mapping[str, str]) -> dict[str, str]:
    """Tell of each experiment with a claim whether the scores support it.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.effects.effects`.
    claims : mapping of str to str
        The claim that each experiment tests by doing without it.

    Returns
    -------
    dict of str to str
        By experiment: supported if :data:`DECIDING` is worse than the
        reference's, not supported if it is better, else not decided.

    Raises
    ------
    InputError
        If an experiment with a claim has no effect.
    """
    words = {WORSE: SUPPORTED, BETTER: UNSUPPORTED, OPEN: UNDECIDED}
    found = table[table["metric"] == DECIDING].set_index("experiment")["verdict"]
    for name in claims:
        if name not in found.index:
            raise InputError(
                f"a claim is given for {name!r}, expected one of "
                f"{', '.join(found.index)}; correct --claims-json"
            )
    return {name: words[found[name]] for name in claims}
