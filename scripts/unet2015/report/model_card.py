"""What people should know of an exported model, as the README of its package."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from unet2015.cli import duration
from unet2015.experiments.paper_results import TABLE_METRICS
from unet2015.report.markdown import markdown_table

WIDTH = 88

VIEWS = {
    "none": "one view",
    "symmetries": "the eight symmetries of the square",
    "scales": "the eight symmetries of the square at three scales",
    "rotations": "seven rotations",
}
"""What a prediction averages, by `test_time_augmentation` of the config."""

USE = """
One input of shape (1, {channels}, height, width): {levels}, {pixel}.
{channel_note} {size_note} The description normalises the values. The output is the
probability of cell interior, 0..1; what is above a threshold falls into cells.
"""

PROGRAMS = """
`unet2015 predict --model package.zip --volume new.tif --output probability.tif` reads
the package; it finds neighbouring slices, tiles large ones and averages more views.
`bioimageio test package.zip` runs the package's own test.
"""

NEIGHBOURS = """
The channels are {reach} slices before, the slice itself and {reach} after it; one that
is missing is replaced by its mirror image on the other side.
"""

HALO = """
The outer {halo} pixels of an output depend on what lies outside of the input: programs
that read the `halo` of the description pad and crop by themselves.
"""

CUT = """
The output lacks {cut} pixels at each border: continue the image there by its mirror
image.
"""

VALIDATION = """
The scores above say nothing of other images. Label some slices that the network has not
seen, predict them, and compare: `unet2015 evaluate --labels truth.tif --probability
probability.tif` computes the five metrics of the ISBI 2012 challenge, which its own
program gives too. V_Rand and V_Info count splits and merges; the pixel error hardly
sees them. Choose a threshold on other slices than those that you report.
"""

INTENDED = """
For finding cells by their membranes in electron microscopy that resembles the training
data: in tissue, staining, thickness of the sections and pixel size. Every slice is
segmented by itself. Nothing is known of other tissues or microscopes, and nothing of
folds, stains and missing slices. Not for clinical use. Look at the result beside the
image before anything is counted by it.
"""

GENERATED = """
To try programs with: the network has seen generated slices alone, and is of no use for
others.
"""

SCORED = """
Of the workflow's own prediction of the test stack of {dataset}, which averages {views};
each score at the threshold that is best for it on these slices, which is the
challenge's rule.
"""

ONE_VIEW = """
The package shows its network each slice in one view: expect scores a little lower.
"""


class Model(NamedTuple):
    """What is known of a model; an empty mapping = nothing."""

    name: str
    dataset: str  # whose slices it was trained on
    architecture: Mapping  # see unet2015.network.model_files
    normalisation: Mapping
    training: Mapping  # run.json of the training
    provenance: Mapping  # of the stacks
    scores: Mapping  # scores.json of the test stack
    inference: Mapping  # the settings with which that was predicted
    licence: str
    halo: int  # pixels at each border of an output that depend on what lies outside
    cut: int  # pixels that the network cuts off at each border
    nm_per_pixel: float | None


def model_card(model: Model) -> str:
    """Return the card in Markdown; scores and training as their records state them."""
    generated = model.provenance.get("source") == "phantom"
    sections = {
        "Use": [use(model), filled(PROGRAMS)],
        "Training": training(model),
        "Scores": scores(model),
        "Validation": [filled(VALIDATION)],
        "Intended use and limits": [filled(GENERATED if generated else INTENDED)],
        "Licence": licence(model),
    }
    parts = [f"# {model.name}", filled(summary(model))]
    for title, paragraphs in sections.items():
        parts += [f"## {title}", *paragraphs]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def filled(text: str, **values: object) -> str:
    """Return a paragraph with values in it, its lines filled anew."""
    return textwrap.fill(" ".join(text.format(**values).split()), WIDTH)


def summary(model: Model) -> str:
    """Return two sentences on what a model does."""
    return (
        "A U-Net (Ronneberger, Fischer, Brox 2015) that finds cells and membranes in "
        f"electron microscopy, slice by slice. Trained by unet2015 on {model.dataset}."
    )


def use(model: Model) -> str:
    """Say what goes in and what comes out."""
    channels = model.architecture.get("in_channels", 1)
    low, high = model.normalisation.get("intensity_range", (0, 255))
    known, size_note = model.nm_per_pixel, HALO.format(halo=model.halo)
    if model.cut:
        size_note = CUT.format(cut=model.cut)
    return filled(
        USE,
        channels=channels,
        levels=f"grey levels {low:g}..{high:g}",
        pixel=f"{known:g} nm a pixel" if known else "pixel size not stated",
        channel_note=NEIGHBOURS.format(reach=channels // 2) if channels > 1 else "",
        size_note=size_note,
    )


def training(model: Model) -> Iterator[str]:
    """Yield paragraphs on the data and the training."""
    stacks, run = model.provenance.get("stacks", {}), model.training
    used = {n: s for n, s in stacks.items() if n.startswith("train")}
    if used:
        rows = [["stack", "slices, height, width", "sha256 of the pixels"]]
        for name, stack in used.items():
            shape = ", ".join(map(str, stack["shape"]))
            rows.append([name, shape, str(stack["sha256"])])
        yield markdown_table(rows, ["left", "right", "left"])
    if "citation" in model.provenance:
        yield filled(f"Data: {model.provenance['citation']}.")
    named = ", ".join(f"{key} {value}" for key, value in model.architecture.items())
    yield filled(f"Network: {named}.")
    if not run:
        yield "How it was trained is not recorded."
        return
    yield filled(
        f"{run['steps']} steps with seed {run['seed']} in {duration(run['seconds'])}: "
        f"{run['device']}, {run['precision']}, torch {run['torch']}, commit "
        f"{run['commit']}."
    )


def scores(model: Model) -> Iterator[str]:
    """Yield the scores of the test stack, and how they came about."""
    rows = [["metric", "score", "threshold"]]
    for metric in TABLE_METRICS:
        found = model.scores.get(metric.name, {})
        if found.get("value") is not None:
            value = f"{found['value']:.{metric.digits}f}"
            rows.append([metric.title, value, f"{found['threshold']:g}"])
    if len(rows) == 1:
        yield "Not known: there are no labels of a test stack."
        return
    kind, count = (
        model.inference.get(k) for k in ("test_time_augmentation", "networks")
    )
    views = VIEWS.get(kind, "several views")
    if count and count > 1:
        views += f" and {count} networks"
    yield filled(SCORED, dataset=model.dataset, views=views)
    yield markdown_table(rows, ["left", "right", "right"])
    if views != VIEWS["none"]:
        yield filled(ONE_VIEW)


def licence(model: Model) -> Iterator[str]:
    """Yield paragraphs on what may be done with the model and with the data."""
    yield f"Model: {model.licence}."
    if "licence" in model.provenance:
        stated = model.provenance["licence"]
        yield filled(f"Training data, and the test input of this package: {stated}.")
