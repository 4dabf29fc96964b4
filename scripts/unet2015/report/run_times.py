"""What the stages of a run took, from the measurements that Snakemake keeps.

Each is a table of one line (`benchmark:` of a rule), of which `s`, `max_rss` (MB)
and `mean_load` (% of one core) are read. Of what may come from a cache, which is
not measured, there is a JSON file with the `seconds` that it once took.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from unet2015 import cli
from unet2015.errors import InputError
from unet2015.report.markdown import markdown_table

STAGES = {
    "statistics": "measure the training slices",
    "augment": "draw the samples",
    "weights": "weight maps",
    "train": "training",
    "predict": "prediction",
    "evaluate": "metrics",
}
"""Folders of the measurements, in the order of the data, and what they are called."""

READ = ["s", "max_rss", "mean_load"]
HEAD = ["stage", "runs", "time of a run", "peak memory", "cores used"]


def read_measurements(paths: list[Path]) -> dict[str, pd.DataFrame]:
    """Read the measurements of runs, by stage.

    Parameters
    ----------
    paths : list of Path
        ``.../benchmarks/<stage>/...``, .tsv or .json. One that does not exist is left
        out: results may have been copied from another machine without it.

    Returns
    -------
    dict
        Of each stage with a measurement, one row a run.

    Raises
    ------
    InputError
        If a file is of no stage, or damaged.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for path in paths:
        stage = next((part for part in path.parts if part in STAGES), None)
        if stage is None:
            raise InputError(
                f"{path} is of no stage, expected a folder {', '.join(STAGES)} in it; "
                "give files of results/<dataset>/benchmarks"
            )
        if path.exists():
            found.setdefault(stage, []).append(_read(path))
    return {stage: pd.concat(found[stage]) for stage in STAGES if stage in found}


def _read(path: Path) -> pd.DataFrame:
    """Read one measurement; what was left unmeasured is NaN."""
    try:
        if path.suffix == ".json":
            seconds = json.loads(path.read_bytes())["seconds"]
            table = pd.DataFrame([{"s": seconds}], columns=READ)
        else:
            table = pd.read_csv(path, sep="\t", na_values=["NA", "-"])[READ]
        table = table.astype(float)
        if not np.isfinite(table["s"]).all() or np.isinf(table).any(axis=None):
            raise ValueError("a time is missing, or a number infinite")
        return table
    except (
        OSError,
        ValueError,
        OverflowError,
        KeyError,
        TypeError,
        RecursionError,
    ) as error:
        raise InputError(f"{path} is no measurement ({error}); delete it") from error


def run_times_markdown(stages: Mapping[str, pd.DataFrame]) -> str:
    """Return the table as Markdown: means over runs, and the largest memory.

    Parameters
    ----------
    stages : mapping
        Of :func:`read_measurements`.
    """
    rows = [HEAD]
    for stage, table in stages.items():
        memory, load = table["max_rss"].max(), table["mean_load"].mean()
        rows.append(
            [
                STAGES[stage],
                str(len(table)),
                cli.duration(table["s"].mean()),
                "–" if pd.isna(memory) else f"{memory / 1000:.2g} GB",
                "–" if pd.isna(load) else f"{load / 100:.1f}",
            ]
        )
    return markdown_table(rows, ["left", *["right"] * (len(HEAD) - 1)])
