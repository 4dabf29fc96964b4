"""Write config/README.md from the schema: every key with meaning, unit, default."""

from pathlib import Path

import yaml

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.config.experiments import settings_of
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.settings import read_schema

HEAD = """# Configuration

`config.yaml` is the default: ISBI 2012, a preset for two CPU cores. The other files
overlay it, key by key: `snakemake --configfile config/paper.yaml`. A key that is
unknown, of the wrong type or out of range stops the run before anything starts. Write
changes to a file of your own rather than after `--config`, which reads numbers inside
brackets as text. Paths are relative to the folder in which the command runs. The last
column of the tables is the value of the default preset.

- `config.yaml`: ISBI 2012, the default preset
- `paper.yaml`: the paper's own settings, made for a GPU
- `paper_curve.yaml`, given after it: snapshots on its way, for `make paper-curve`
- `demo.yaml`: the embedded phantom, minutes
- `seeds.yaml`: three seeds, so that table 1 shows mean and standard deviation
- `benchmark.yaml`: other backends and precisions, for `make benchmark`
- `claims.yaml`: the paper's claims and what decides each, for `make claims`;
  `claims_seeds.yaml`, given after it: how many trainings each has
- `neighbours.yaml`: each value of the default preset beside a smaller and a larger one,
  on held-out slices, for `make experiments`
- `ladder.yaml`: how short the default preset may be, on held-out slices
- `reading.yaml`: the default preset on the test stack, five seeds, as in table 1; after
  `partitioning.yaml`, its experiments as well
- `precision.yaml`: bfloat16 beside float32, six pairs of trainings
- `continue.yaml`: trainings that begin with a model beside those that do not
- `partitioning.yaml`: affinities and a mutex watershed
- `partition_choices.yaml`: what is chosen for it on held-out slices

**An experiment** picks one named setting of each stage; what it leaves out it inherits
from the reference, `unet`. **A named setting** inherits what it leaves out from the one
that the reference picks, and that has the defaults below, which are the paper's. A new
ablation changes what it says and nothing else:

```yaml
experiments:
  wide-borders: {weights: wide}
weights:
  wide: {sigma: 10}
```

**Your own stacks** are a dataset of their own:

```yaml
run: {datasets: [cortex]}
datasets:
  cortex:
    source: files
    files: {train-volume: raw.tif, train-labels: truth.tif, test-volume: new.tif}
```

This page is written by `python scripts/document_config.py` from
[the schema](../workflow/schemas/config.schema.yaml).
"""


BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}
COLUMNS = (
    "| key | meaning | unit | default | paper | preset |",
    "| --- | --- | --- | --- | --- | --- |",
)
PRESET = Path("config/config.yaml")


def main(argv: list[str] | None = None) -> None:
    """Read the schema and write the page."""
    parser = cli.parser(__doc__)
    parser.add_argument("--output", type=Path, default=Path("config/README.md"))
    args = parser.parse_args(argv)
    config = complete(read_overlays([PRESET]))
    write_text(args.output, document(read_schema(), settings_of(config, "unet")))


def document(schema: dict, preset: dict[str, dict]) -> str:
    """Return the page as Markdown, with the settings of the preset by stage."""
    parts = [HEAD]
    for name, section in schema["properties"].items():
        keys, path = section.get("properties"), f"{name}."
        if keys is None:
            keys, path = (
                section["additionalProperties"]["properties"],
                f"{name}.<name>.",
            )
        (example,) = section["examples"]
        block = yaml.safe_dump(
            {name: example}, sort_keys=False, default_flow_style=None
        )
        parts.append(f"## {name}\n\n{section['description'].strip()}\n")
        parts.append(f"```yaml\n{block}```\n")
        rows = table_rows(keys, path, preset.get(name, {}))
        parts.append("\n".join([*COLUMNS, *rows]) + "\n")
    return "\n".join(parts)


def table_rows(properties: dict, path: str, preset: dict) -> list[str]:
    """Return one table row a key, those of nested objects included."""
    rows = []
    for key, part in properties.items():
        if "properties" in part:
            rows += table_rows(part["properties"], f"{path}{key}.", {})
            continue
        default = "required" if "default" not in part else f"`{shown(part['default'])}`"
        if (
            path.startswith(("experiments", "datasets", "predict", "export"))
            and "default" not in part
        ):
            default = ""
        cells = [
            f"`{path}{key}`",
            part["description"].strip() + bounds(part),
            part.get("unit", ""),
            default,
            str(part.get("paper", "")),
            f"`{shown(preset[key])}`" if key in preset else "",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def bounds(part: dict) -> str:
    """Return the range or the choices of a key in words."""
    if "enum" in part:
        return " One of " + ", ".join(f"`{value}`" for value in part["enum"]) + "."
    words = [f"{word} {part[key]}" for key, word in BOUNDS.items() if key in part]
    text = ", ".join(words)
    return f" {text[0].upper()}{text[1:]}." if text else ""


def shown(value: object) -> str:
    """Return a default as YAML would show it."""
    return yaml.safe_dump(value, default_flow_style=True).replace("\n...", "").strip()


if __name__ == "__main__":
    cli.run(main)
