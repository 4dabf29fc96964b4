"""Trainings that test claims: one row each, and what the rows say of each claim."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from unet2015.config.experiments import PILOT, REPLICATES
from unet2015.errors import InputError
from unet2015.experiments.intervals import t_interval
from unet2015.experiments.paper_results import TABLE_METRICS, Metric
from unet2015.experiments.sample_size import MOST, needed, planned
from unet2015.experiments.scores import latest, read_rows_of
from unet2015.experiments.verdicts import (
    CONTRADICTED,
    NONE,
    OPEN,
    SUPPORTED,
    decide,
    equivalence_test,
    holm,
    sign_flip_test,
    t_test,
)
from unet2015.settings import read_json

ENDPOINTS = (
    *TABLE_METRICS,
    Metric("border_pixel_error", "pixel error of the outer 32 px", 4, False),
    Metric("v_rand_merges", "V_Rand, merges", 5, True),
    Metric("v_rand_splits", "V_Rand, splits", 5, True),
    Metric("v_info_merges", "V_Info, merges", 5, True),
    Metric("v_info_splits", "V_Info, splits", 5, True),
)
BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}
NAMES = list(BY_NAME)
KEY = ["arm", "seed"]
COLUMNS = [
    *KEY,
    *NAMES,
    "steps",
    "seconds",
    "device",
    "precision",
    "torch",
    "commit",
    "design",
]
NUMBERS = {"seed": int, "steps": int, "seconds": float, **dict.fromkeys(NAMES, float)}
PAIRINGS = 1000


def row(described: dict, design: str) -> dict | None:
    """Return the row of a training from its files.

    Parameters
    ----------
    described : dict
        `arm` and `seed`; `record`, the path of the training's run.json; `scores`, that
        of the JSON of score_further.py.
    design : str
        sha256 of the file that says what decides the claims.

    Returns
    -------
    dict or None
        By :data:`COLUMNS`; None if the labels are unknown, so that there is no score.

    Raises
    ------
    InputError
        If a file cannot be read or lacks a key.
    """
    record, scores = (read_json(described[key]) for key in ("record", "scores"))
    if not scores:
        return None
    found = {**record, **scores, "arm": described["arm"], "design": design}
    found["seed"] = int(described["seed"])
    lacking = [column for column in COLUMNS if column not in found]
    if lacking:
        raise InputError(
            f"{described['record']} and {described['scores']} lack "
            f"{', '.join(lacking)}; train and evaluate again"
        )
    return {column: found[column] for column in COLUMNS}


def read_rows(path: Path, design: str) -> pd.DataFrame:
    """Read a table of trainings.

    Parameters
    ----------
    path : Path
        CSV of table_claims.py.
    design : str
        sha256 of the file that says what decides the claims.

    Raises
    ------
    InputError
        If it cannot be read, has other columns or holds text for a number, or if a row
        was trained for another design.
    """
    table = read_rows_of(path, COLUMNS, NUMBERS, "claims", "table_claims.py")
    others = table[table["design"] != design]
    if len(others):
        arm, seed, other = others.iloc[0][[*KEY, "design"]]
        raise InputError(
            f"{path} has {arm}, seed {seed} of a design with sha256 {other[:12]}, "
            f"expected {design[:12]}: it decides other claims or by other rules; "
            "delete the row, or give its design"
        )
    return table


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return all rows in order of arm and seed; of the same the last counts."""
    return latest(tables, COLUMNS, KEY)


def losses(rows: pd.DataFrame, claim: dict, endpoint: str) -> pd.Series:
    """Return by how much the arm of a claim is worse than what it is compared with.

    Parameters
    ----------
    rows : DataFrame
        See :func:`joined`.
    claim : dict
        Of :func:`unet2015.config.experiments.claims_of`.
    endpoint : str
        One of :data:`NAMES`.

    Returns
    -------
    Series
        By seed, ascending: of those that both have.
    """
    arm, against = (
        rows[rows["arm"] == claim[key]].set_index("seed")[endpoint]
        for key in ("arm", "against")
    )
    return (-BY_NAME[endpoint].sign * (arm - against)).dropna().sort_index()


def pilot(rows: pd.DataFrame, claims: Sequence[dict], reference: str) -> int | None:
    """Return the number of seeds that the first trainings of the reference fix.

    Claims that change the prediction alone have no part in it: their pairs are two
    predictions of one network, and the spread among networks says nothing of these.

    Parameters
    ----------
    rows : DataFrame
        See :func:`joined`.
    claims : sequence of dict
        Of :func:`unet2015.config.experiments.claims_of`; the primary ones count.
    reference : str
        The arm that was trained first.

    Returns
    -------
    int or None
        See :func:`unet2015.experiments.sample_size.planned`; None if a training lacks.
    """
    first = rows[(rows["arm"] == reference) & (rows["seed"] < PILOT)]
    if len(first) < PILOT:
        return None
    primary = _primary(claims)
    chosen = [claim for claim in primary if claim["retrained"]]
    spreads = [first[claim["endpoint"]].std() for claim in chosen]
    return planned(spreads, [claim["margin"] for claim in chosen], len(primary))


def _primary(claims: Sequence[dict]) -> list[dict]:
    """Return the claims that are decided."""
    return [claim for claim in claims if claim["primary"]]


def compared(
    rows: pd.DataFrame, claims: Sequence[dict], seeds: int | None
) -> pd.DataFrame:
    """Compare the arm of each claim with what it is compared with.

    Parameters
    ----------
    rows : DataFrame
        See :func:`joined`.
    claims : sequence of dict
        Of :func:`unet2015.config.experiments.claims_of`.
    seeds : int or None
        Of :func:`pilot`: seeds 0 to `seeds` - 1 count, and a claim with fewer pairs has
        no verdict so far.

    Returns
    -------
    DataFrame
        The claims, with `pairs`, mean `loss` in the endpoint with its interval `low` to
        `high`, median `minutes` of the arm's trainings; if there are all pairs of a
        primary claim also `verdict`, `p` (t test, Holm), `p_flips` (sign flips),
        `p_within` (two one-sided tests) and, if it is not decided, the seeds `needed`.
    """
    table = pd.DataFrame([_pairs(rows, claim, seeds) for claim in claims])
    whole = table["primary"] & (table["pairs"] == seeds)
    table["verdict"] = ""
    table[["p", "p_flips", "p_within", "needed"]] = np.nan
    if whole.any():
        chosen = table[whole]
        values, margins = np.stack(chosen["losses"]), chosen["margin"].to_numpy()
        count = int(table["primary"].sum())
        table.loc[whole, "verdict"] = decide(values, margins, count)
        table.loc[whole, "p"] = holm(t_test(values), count)
        table.loc[whole, "p_flips"] = [sign_flip_test(each) for each in values]
        table.loc[whole, "p_within"] = equivalence_test(values, margins)
        table.loc[whole, "needed"] = [
            needed(v.mean(), v.std(ddof=1), margin, count) or np.inf
            for v, margin in zip(values, margins, strict=True)
        ]
    return table


def _pairs(rows: pd.DataFrame, claim: dict, seeds: int | None) -> dict:
    """Return a claim with its losses so far."""
    found = losses(rows, claim, claim["endpoint"])
    found = found[found.index < (seeds or 0)]
    own = rows[rows["arm"] == claim["arm"]]
    mean, low, high = t_interval(found.to_numpy()) if len(found) else [np.nan] * 3
    return {
        **claim,
        "losses": found.to_numpy(),
        "pairs": len(found),
        "loss": mean,
        "low": low,
        "high": high,
        "minutes": own["seconds"].median() / 60,
    }


def replicates(
    rows: pd.DataFrame, claims: Sequence[dict], reference: str
) -> dict[str, float] | None:
    """Compare the reference with itself, as if half of its trainings were an arm.

    Parameters
    ----------
    rows, claims, reference
        See :func:`pilot`.

    Returns
    -------
    dict or None
        How many `trainings`, and fractions of `PAIRINGS` random pairings: `false`, any
        claim supported or contradicted; of claims in them: `none`, practically no
        effect, which is right, and `open`. None if there are fewer than `REPLICATES`
        trainings.
    """
    own = rows[rows["arm"] == reference].nsmallest(REPLICATES, "seed")
    if len(own) < REPLICATES:
        return None
    rng = np.random.default_rng(0)
    orders = np.array([rng.permutation(REPLICATES) for _ in range(PAIRINGS)])
    first, second = np.split(orders, 2, axis=1)
    primary = _primary(claims)
    values = [own[claim["endpoint"]].to_numpy() for claim in primary]
    differences = np.stack([value[first] - value[second] for value in values], axis=1)
    margins = np.array([claim["margin"] for claim in primary])
    found = decide(differences, margins, len(primary))
    return {
        "trainings": REPLICATES,
        "false": np.isin(found, [SUPPORTED, CONTRADICTED]).any(axis=1).mean(),
        "none": (found == NONE).mean(),
        "open": (found == OPEN).mean(),
    }


def verdict_words(row: dict, seeds: int | None) -> str:
    """Return the verdict on a claim in words, or what it waits for.

    Parameters
    ----------
    row : dict
        Of :func:`compared`.
    seeds : int or None
        Of :func:`pilot`.
    """
    if not row["primary"]:
        return ""
    if not row["verdict"]:
        return f"{row['pairs']} of {seeds} pairs so far" if seeds else "not trained yet"
    if row["verdict"] != OPEN:
        return row["verdict"]
    if np.isinf(row["needed"]):
        return f"{OPEN}: more than {MOST:,} pairs would decide"
    return f"{OPEN}: {row['needed']:.0f} pairs would decide"


def difference_words(row: dict) -> str:
    """Return a mean loss with its interval, digits as published; empty without."""
    if not row["pairs"]:
        return ""
    signed = BY_NAME[row["endpoint"]].signed
    if np.isnan(row["low"]):
        return signed(row["loss"])
    return f"{signed(row['loss'])} [{signed(row['low'])}, {signed(row['high'])}]"


def sentence(row: dict) -> str:
    """Return the sentence of a claim and where the paper says so."""
    return row["sentence"] + (f" ({row['section']})" if row["section"] else "")
