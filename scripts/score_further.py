"""Score what claims speak of beyond the challenge: slice borders, merges and splits."""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.data.splits import read_slices
from unet2015.data.stacks import is_unknown
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError
from unet2015.metrics.challenge import METRICS
from unet2015.metrics.further import PARTS, further_scores
from unet2015.settings import read_json


def main(argv: list[str] | None = None) -> None:
    """Read both stacks and the scores so far, write all of them."""
    parser = cli.parser(__doc__)
    parser.add_argument("--labels", type=Path, required=True, help="label TIFF")
    parser.add_argument("--probability", type=Path, required=True, help="TIFF")
    parser.add_argument("--split", type=Path, required=True, help="JSON of split.py")
    parser.add_argument(
        "--scores", type=Path, required=True, help="JSON of evaluate.py"
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON")
    args = parser.parse_args(argv)
    labels = read_stack(args.labels)
    labels = labels[read_slices(args.split, "score", len(labels))]
    found = {}
    if not is_unknown(labels):
        found, thresholds = read_best(args.scores)
        names = (str(args.labels), str(args.probability))
        proposal = read_stack(args.probability)
        found |= further_scores(labels, proposal, thresholds, names)
    write_text(args.output, json.dumps(found, indent=1) + "\n")


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
