"""How far other backends and precisions are from torch, as Markdown."""

import pandas as pd

from unet2015.report.markdown import markdown_table

COLUMNS = {
    "inference": "left",
    "backend": "left",
    "precision": "left",
    "file, MB": "right",
    "V_Rand": "right",
    "change": "right",
    "largest difference": "right",
    "pixels changed": "right",
}


def parity_markdown(table: pd.DataFrame, shape: tuple[int, int, int]) -> str:
    """Return the table, what was compared beneath it.

    Parameters
    ----------
    table : DataFrame
        See :func:`unet2015.experiments.parity.parity_table`.
    shape : tuple of int
        Slices, height and width of the predictions.
    """
    rows = [_cells(row) for row in table.to_dict("records")]
    lines = markdown_table([list(COLUMNS), *rows], list(COLUMNS.values()))
    size = " x ".join(map(str, shape))
    note = f"Held-out slices: {size}. Differences are those of probabilities."
    return f"{lines}\n{note}\n"


def _cells(row: dict) -> list[str]:
    """Return the cells of one prediction."""
    return [
        row["inference"],
        row["backend"],
        row["precision"],
        f"{row['bytes'] / 1e6:.1f}",
        _shown(row["v_rand"], ".5f"),
        _shown(row["v_rand_change"], "+.5f"),
        _shown(row["largest_difference"], ".2g"),
        _shown(row["changed_pixels"], ".3%"),
    ]


def _shown(value: float, form: str) -> str:
    """Return a number, or a dash if there is none."""
    return "–" if pd.isna(value) else format(value, form)
