"""Write the report: table, figures with captions, and provenance on one page."""

import json
from pathlib import Path

from unet2015 import cli
from unet2015.atomic import write_text
from unet2015.page import caption, picture, render_page, table
from unet2015.settings import read_json

TITLES = {
    "qualitative": "Segmentation",
    "errors": "Errors",
    "training_curves": "Training",
    "augmentation": "Augmentation",
    "weights": "Weight map",
}
OVERVIEW = (
    "U-Net (Ronneberger, Fischer, Brox 2015) on electron-microscopy stacks, from the "
    "stacks to the table in one run: elastic augmentation, border-weight maps, "
    "training, overlap-tile prediction and the challenge's own metrics."
)


def main() -> None:
    """Read the results of one dataset and write the page."""
    parser = cli.parser(__doc__)
    parser.add_argument("--dataset", required=True, help="name, for the title")
    parser.add_argument("--table", type=Path, required=True, help="Markdown")
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="PNG")
    parser.add_argument("--captions", type=Path, nargs="+", required=True, help="RST")
    parser.add_argument("--provenance", type=Path, required=True, help="JSON")
    parser.add_argument("--output", type=Path, required=True, help="HTML")
    args = cli.arguments(parser)
    captions = {path.stem: caption(path) for path in args.captions}
    scores = {
        "anchor": "table1",
        "title": "Table 1",
        "body": table(args.table.read_text(encoding="utf-8")),
        "caption": captions["table1"],
    }
    figures = [figure(path, captions[path.stem]) for path in args.figures]
    page = render_page(
        f"unet2015 on {args.dataset}",
        OVERVIEW,
        [scores, *figures],
        facts(read_json(args.provenance)),
    )
    write_text(args.output, page)


def figure(path: Path, text: str) -> dict:
    """Return one figure as a part of the page."""
    title = TITLES[path.stem]
    return {
        "anchor": path.stem,
        "title": title,
        "body": picture(path, title),
        "caption": text,
    }


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
