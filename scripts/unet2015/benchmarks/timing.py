"""How long implementations of the same task take, measured side by side.

Runs are interleaved: every contender runs once, then every contender again, so
that a machine that slows down for a while slows down all of them.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

ROLES = ("ours", "peer", "floor")

COLUMNS = [
    "part",
    "what",
    "implementation",
    "role",
    "unit",
    "runs",
    "median",
    "lowest",
    "highest",
    "ratio",
]
"""Of a table of timings: numbers are in `unit`, the ratio is to the first of ours.

It is NaN if that is 0: too small an array to raise a peak of the memory.
"""


@dataclass(frozen=True)
class Contender:
    """An implementation of a task.

    Parameters
    ----------
    name : str
        What the table calls it.
    role : {"ours", "peer", "floor"}
        Ours, what a user would pick instead, or work that cannot be avoided.
    run : callable
        Does the work, without arguments; what it returns is dropped.
    units : float
        Units of work that one run does, more than 0.
    repeats : int, optional
        Fewer runs than the others, for one that is slow.
    warm_up : bool
        Run once before the clock starts; without it, only for one that is slow
        and has nothing to compile, cache or allocate.

    Raises
    ------
    ValueError
        If the role is unknown, or `units` or `repeats` is too small.
    """

    name: str
    role: str
    run: Callable[[], object]
    units: float = 1.0
    repeats: int | None = None
    warm_up: bool = True

    def __post_init__(self):
        if self.role not in ROLES:
            raise ValueError(f"role is {self.role!r}, expected one of {ROLES}")
        if not self.units > 0:
            raise ValueError(f"units is {self.units}, expected more than 0")
        if self.repeats is not None and self.repeats < 1:
            raise ValueError(f"repeats is {self.repeats}, expected 1 or more")


def interleaved(
    contenders: Sequence[Contender],
    repeats: int,
    *,
    part: str,
    what: str,
    unit: str,
    clock: Callable[[], float] = time.perf_counter,
) -> pd.DataFrame:
    """Time contenders in turn.

    Parameters
    ----------
    contenders : sequence of Contender
        At least one of them ours.
    repeats : int
        Runs of each on the clock, 1 or more.
    part, what, unit : str
        Part of the workflow, the task, and what numbers count: "s per slice".
    clock : callable
        Seconds since some moment.

    Returns
    -------
    DataFrame
        One row a contender, see `COLUMNS`; times are seconds per unit of work.

    Raises
    ------
    ValueError
        If none of the contenders is ours, or `repeats` is below 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}, expected 1 or more")
    for contender in contenders:
        if contender.warm_up:
            contender.run()
    seconds: list[list[float]] = [[] for _ in contenders]
    for turn in range(repeats):
        for contender, times in zip(contenders, seconds, strict=True):
            if contender.repeats is None or turn < contender.repeats:
                start = clock()
                contender.run()
                times.append((clock() - start) / contender.units)
    return summary(contenders, seconds, part=part, what=what, unit=unit)


def summary(
    contenders: Sequence[Contender],
    values: Sequence[Sequence[float]],
    *,
    part: str,
    what: str,
    unit: str,
) -> pd.DataFrame:
    """Return median and spread of what was measured; see :func:`interleaved`.

    Parameters
    ----------
    contenders : sequence of Contender
        At least one of them ours.
    values : sequence of sequence of float
        In `unit`, those of each contender.
    part, what, unit : str
        See :func:`interleaved`.

    Returns
    -------
    DataFrame
        One row a contender, see `COLUMNS`.

    Raises
    ------
    ValueError
        If none of the contenders is ours.
    """
    medians = [statistics.median(found) for found in values]
    ours = [m for c, m in zip(contenders, medians, strict=True) if c.role == "ours"]
    if not ours:
        raise ValueError("no contender has the role 'ours', expected at least one")
    table = pd.DataFrame(
        {
            "part": part,
            "what": what,
            "implementation": [contender.name for contender in contenders],
            "role": [contender.role for contender in contenders],
            "unit": unit,
            "runs": [len(found) for found in values],
            "median": medians,
            "lowest": [min(found) for found in values],
            "highest": [max(found) for found in values],
            "ratio": [median / ours[0] if ours[0] else math.nan for median in medians],
        }
    )
    return table[COLUMNS]
