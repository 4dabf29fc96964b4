"""Write the report: tables and figures with captions, and provenance, on one page."""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.report.html_page import caption, picture, render_page, table
from unet2015.settings import read_json

TITLES = {
    "choices": "What may take the place of the reference",
    "effects": "Effects in numbers",
    "forest": "Effects of the experiments",
    "summary": "Scores of the experiments",
    "time_to_accuracy": "Time to accuracy",
    "curve": "The paper's own training",
    "claims": "The paper's claims",
    "claim_scores": "Other scores of the claims' arms",
    "table1": "Table 1",
    "thresholds": "Thresholds chosen in advance",
    "architecture": "Network",
    "overlap_tile": "Overlap-tile prediction",
    "weights": "Weight map",
    "augmentation": "Augmentation",
    "training_curves": "Training",
    "qualitative": "Segmentation",
    "errors": "Errors",
    "partition": "Partition into cells",
    "threshold_curves": "Scores by threshold",
    "run_times": "Run times",
    "benchmarks": "Speed",
    "parity": "Other backends and precisions",
}
LINKS = {"slices": "Slice by slice", "check": "Check of the data"}
"""Other pages of a dataset."""

OVERVIEW = (
    "U-Net (Ronneberger, Fischer, Brox 2015) on electron-microscopy stacks, from the "
    "stacks to the table in one run: elastic augmentation, border-weight maps, "
    "training, overlap-tile prediction and the challenge's own metrics."
)


def main(argv: list[str] | None = None) -> None:
    """Read the results of one dataset and write the page."""
    parser = cli.parser(__doc__, provenance="JSON", output="HTML")
    parser.add_argument("--dataset", required=True, help="name, for the title")
    parser.add_argument(
        "--results", type=Path, nargs="+", required=True, help="PNG or Markdown"
    )
    parser.add_argument(
        "--captions", type=Path, nargs="+", required=True, help="RST, one a result"
    )
    for name in LINKS:
        parser.add_argument(
            f"--{name}", type=Path, help="HTML beside the output, to link to"
        )
    args = parser.parse_args(argv)
    captions = map(caption, args.captions)
    parts = [part(*each) for each in zip(args.results, captions, strict=True)]
    provenance = facts(read_json(args.provenance))
    title = f"unet2015 on {args.dataset}"
    pages = {text: getattr(args, name) for name, text in LINKS.items()}
    links = [(text, page.name) for text, page in pages.items() if page]
    write_text(args.output, render_page(title, OVERVIEW, parts, provenance, links))


def part(path: Path, text: str) -> dict:
    """Return one figure or table as a part of the page."""
    title = TITLES[path.stem]
    if path.suffix == ".md":
        body = table(path.read_text(encoding="utf-8"))
    else:
        body = picture(path, title)
    return {"anchor": path.stem, "title": title, "body": body, "caption": text}


def facts(record: dict) -> list[tuple[str, list[tuple[str, str]]]]:
    """Arrange the provenance in groups of keys and values."""
    code = [(key, record[key]) for key in ("commit", "python", "platform")]
    stacks = [
        (
            name,
            f"{stack.get('origin', record['data']['source'])}, "
            f"{stack['shape']}, pixel sha256 {stack['sha256']}",
        )
        for name, stack in record["data"]["stacks"].items()
    ]
    runs = [
        (
            f"seed {run['seed']}",
            f"{run['steps']} steps in {run['seconds']:.0f} s on "
            f"{run['device']}, torch {run['torch']}",
        )
        for run in record["runs"]
    ]
    settings = [(key, json.dumps(value)) for key, value in record["settings"].items()]
    return [
        ("Code", code),
        ("Training", runs),
        ("Data", stacks),
        ("Settings", settings),
        ("Packages", list(record["packages"].items())),
    ]


if __name__ == "__main__":
    cli.run(main)
