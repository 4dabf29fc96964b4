"""Score what claims speak of beyond the challenge: slice borders, merges and splits."""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_json
from unet2015.data.splits import read_slices
from unet2015.data.stacks import is_unknown
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError
from unet2015.metrics.challenge import METRICS
from unet2015.metrics.further import PARTS, further_scores
from unet2015.settings import read_json


def main(argv: list[str] | None = None) -> None:
    """Read both stacks and the scores so far, write all of them."""
    parser = cli.parser(
        __doc__, "labels probability split", scores="JSON of evaluate.py", output="JSON"
    )
    args = parser.parse_args(argv)
    labels = read_stack(args.labels)
    labels = labels[read_slices(args.split, "score", len(labels))]
    found = {}
    if not is_unknown(labels):
        found, thresholds = read_best(args.scores)
        names = (str(args.labels), str(args.probability))
        proposal = read_stack(args.probability)
        found |= further_scores(labels, proposal, thresholds, names)
    write_json(args.output, found)


def read_best(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Read the five scores, and the best thresholds of those that have parts.

    Raises
    ------
    InputError
        If one is lacking.
    """
    scores = read_json(path)
    try:
        values = {name: float(scores[name]["value"]) for name in METRICS}
        places = {name: scores[name]["threshold"] for name in PARTS}
        return values, places
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{path} lacks {error}; evaluate the prediction again"
        ) from error


if __name__ == "__main__":
    cli.run(main)
