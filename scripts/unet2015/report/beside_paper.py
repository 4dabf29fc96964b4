"""Mean scores of trainings beside the paper's, as Markdown."""

import pandas as pd

from unet2015.experiments.effects import BETTER, WORSE, verdict
from unet2015.experiments.intervals import FEWEST, t_interval
from unet2015.experiments.paper_results import PAPER_ROWS, TABLE_METRICS, Metric
from unet2015.experiments.scores import refuse_empty
from unet2015.report.effect_tables import MARKS
from unet2015.report.markdown import markdown_table

PAPER = "u-net"


def beside_paper_markdown(rows: pd.DataFrame) -> str:
    """Return mean and interval of each score, and whether that excludes the paper's.

    Parameters
    ----------
    rows : DataFrame
        Of the test stack of ISBI 2012; see :mod:`unet2015.experiments.rows`.

    Raises
    ------
    InputError
        If there are no rows.
    """
    refuse_empty(rows)
    paper = [f"{PAPER_ROWS[PAPER][m.name]:.{m.digits}f}" for m in TABLE_METRICS]
    lines = [["experiment", "seeds", *(metric.head for metric in TABLE_METRICS)]]
    lines.append([f"the paper's {PAPER}", "", *paper])
    for name, own in rows.groupby("experiment", sort=False):
        cells = [_cell(own[metric.name], metric) for metric in TABLE_METRICS]
        lines.append([name, str(len(own)), *cells])
    table = markdown_table(lines, ["left"] + ["right"] * (len(lines[0]) - 1))
    return table + (
        f"\nMean of the seeds and its 95 % interval; {MARKS[BETTER]} better than the "
        f"paper's {PAPER}, {MARKS[WORSE]} worse, no mark: the interval contains its "
        f"score, or there are fewer than {FEWEST} seeds.\n"
    )


def _cell(values: pd.Series, metric: Metric) -> str:
    """Return the mean with its interval, if any, marked where it excludes the paper."""
    estimate = t_interval(values.to_numpy())
    paper = PAPER_ROWS[PAPER][metric.name]
    mark = MARKS[verdict([each - paper for each in estimate], len(values), metric)]
    mean, low, high = (f"{each:.{metric.digits}f}" for each in estimate)
    return f"{mark} {mean} [{low}, {high}]".strip() if len(values) > 1 else mean
