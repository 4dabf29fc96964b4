"""Tables in GitHub's Markdown."""

from collections.abc import Sequence

RULES = {"left": "---", "right": "---:"}


def markdown_table(rows: Sequence[Sequence[str]], alignments: Sequence[str]) -> str:
    r"""Return a table, ending with a line feed.

    Parameters
    ----------
    rows : sequence of sequence of str
        The head and the lines below it. A vertical bar in a cell would end it
        and is written as a slash.
    alignments : sequence of {"left", "right"}
        One a column.

    Raises
    ------
    ValueError
        If a row has more or fewer cells than there are alignments.

    Examples
    --------
    >>> markdown_table([["method", "error"], ["a|b", "0.1"]], ["left", "right"])
    '| method | error |\n| --- | ---: |\n| a/b | 0.1 |\n'
    """
    for row in rows:
        if len(row) != len(alignments):
            raise ValueError(
                f"row {list(row)} has {len(row)} cells, expected {len(alignments)}"
            )
    head, *lines = ([cell.replace("|", "/") for cell in row] for row in rows)
    ruled = [head, [RULES[alignment] for alignment in alignments], *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in ruled)
