"""Rows of runs for the tests of what is made of them."""

import pandas as pd

from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.experiments.rows import COLUMNS, NUMBERS

FOLDS = [f"fold{k}" for k in range(5)]
RUNS = [(split, seed) for split in FOLDS for seed in (0, 1)]


def rows(experiment="unet", shift=0.0, runs=RUNS, **changes):
    """Return rows whose errors are 0.2, and V_Rand and V_Info 0.8, `shift` worse."""
    made = {"dataset": "lab", "experiment": experiment, "steps": 600, "seconds": 90.0}
    made |= {"device": "a CPU", "precision": "float32", "torch": "2.13.0"}
    made |= {"commit": "0" * 40, "settings": "a" * 12}
    made |= {m.name: 0.5 - m.sign * (shift - 0.3) for m in TABLE_METRICS}
    table = [{**made, "split": split, "seed": seed, **changes} for split, seed in runs]
    return pd.DataFrame(table, columns=COLUMNS).astype(NUMBERS)


def joined(*tables):
    """Return the rows of the reference and others."""
    return pd.concat([rows(), *tables], ignore_index=True)
