# Config, helpers and paths that all stages share.

import csv
import json
import os
import re
import shlex
import sys
from decimal import Decimal
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

# Not workflow.basedir, which is another project's where that imports this workflow.
ROOT = Path(str(workflow.current_basedir)).parents[1]
PROGRAMS = ROOT / "scripts"

if PROGRAMS.is_dir():
    sys.path.insert(0, str(PROGRAMS))
else:
    # Imported from a repository: Snakemake's copies of its files are no package.
    init = Path(workflow.source_path("../../scripts/unet2015/__init__.py"))
    version = re.search(r'__version__ = "(.+)"', init.read_text())[1]
    try:
        import unet2015

        found = unet2015.__version__
    except ImportError:
        found = "not installed"
    if found != version:
        raise WorkflowError(
            f"the package unet2015 is {found}, expected {version} as this workflow; "
            "install it with pip from the same repository and tag"
        )
    PROGRAMS = Path(unet2015.__file__).parent / "programs"

PREFIX = str(workflow.modifier.modify_path("results")).removesuffix("results")
"""Of every path, where another workflow imports this one with a prefix.

Snakemake puts it before inputs, outputs and logs; what programs read in files or in
params needs it written out.
"""

from unet2015.benchmarks.machine import graphics_cards, memory
from unet2015.config.code_version import (
    code_version,
    content_version,
    put_first_on_path,
)
from unet2015.config.experiments import STAGES, settings_of
from unet2015.config.initial_models import check_initial_models
from unet2015.config.validation import complete, missing_files
from unet2015.data.fingerprints import fingerprints
from unet2015.errors import InputError
from unet2015.settings import of_program

put_first_on_path()
# For all jobs: memory in pages of 2 MB, where glibc and Linux have them (docs/speed.md).
os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")

try:
    config = complete(config)
    check_initial_models(config)
except InputError as error:
    raise WorkflowError(str(error)) from None
for line in missing_files(config):
    logger.warning(line)

ENVIRONMENT = f"../../envs/{config['run']['environment']}.yaml"
NAME = "[a-z0-9]+(-[a-z0-9]+)*"


wildcard_constraints:
    dataset=NAME,
    split="test|fold[0-9]+",
    stage="|".join(STAGES),
    name=NAME,
    runs=NAME,
    augmentation=NAME,
    weights=NAME,
    network=NAME,
    training=NAME,
    inference=NAME,
    partition=NAME,
    below=f"(/{NAME})?",
    seed="[0-9]+",
    step="[0-9]+",
    kept="model|average",
    images="[^/]+",


CACHING = "SNAKEMAKE_OUTPUT_CACHE" in os.environ
"""Whether files may come from other working folders (`--cache` of Snakemake).

What a cached file depends on has to be a param or an input, as wildcards are not part of
its identity. Snakemake does not time what may be cached, so programs write their seconds.
"""

CARDS = graphics_cards() if workflow.local_exec else 0
GPU = (CARDS > 0) * 1 if config["run"]["gpu"] == "auto" else config["run"]["gpu"]
"""GPUs that a training or prediction reserves."""

DEVICE = "cpu" if config["run"]["gpu"] == 0 else "auto"

if workflow.local_exec:
    # Jobs run side by side as far as this machine's memory and cards go.
    bounds = {"mem_mb": memory() // 10**6, "gpu": CARDS}
    for name, bound in bounds.items():
        if bound and name not in workflow.resource_settings.resources:
            workflow.register_resource(name, bound)


def program(name):
    """Return the params of a rule that runs a program.

    `code` is a hash of what the program and the modules that it imports mean, so that an
    edited function reruns what depends on it, and a comment or a touched file nothing.
    Snakemake does not compare functions of `output`, so another checkout reruns nothing.
    """
    path = PROGRAMS / f"{name}.py"
    return {
        "code": code_version(path),
        "program": lambda wildcards, output: os.path.relpath(path),
        "files": lambda wildcards, input, output: f"{options(input)} {options(output)}",
    }


def options(files):
    """Return command-line options for files, each called as the rule calls the file.

    Files called `also` are no options: the program finds them by another file, or they
    have to be there first.
    """
    words = []
    for name, value in files.items():
        if name != "also":
            paths = [value] if isinstance(value, str) else value
            words += [f"--{name.replace('_', '-')}", *paths]
    return shlex.join(words)


def command(further=""):
    """Return the shell command that runs a rule's program on its files.

    All that it prints goes to the log too, also what Python says before it starts.
    Progress bars belong on the terminal alone, which is file descriptor 3.
    """
    run = f"python {{params.program:q}} {{params.files}} {further}"
    return f"{run} 3>&2 2>&1 | tee -i {{log:q}} >&2"


JSON = "printf '%s\\n' {params.json:q} >{output.json:q} 2>{log:q}"
"""The shell command that writes the param `json` to a file, however long it is."""


def as_json(value):
    """Return a value as JSON, always in the same order."""
    return json.dumps(value, indent=2, sort_keys=True)


def listed(runs, dataset):
    """Return a list of runs as JSON, with the paths that programs will find."""
    filled = as_json(runs).replace("{dataset}", dataset)
    return filled.replace('"results/', f'"{PREFIX}results/')


def needs(mem_mb=2000, runtime=30, gpu=0):
    """Return the resources of a rule: MB, minutes and GPUs.

    Defaults stand here: those of a profile are lost as soon as the command line has some.
    """
    return {"mem_mb": mem_mb, "runtime": runtime, "gpu": gpu}


def logs(name):
    """Return the path pattern of a rule's log."""
    return f"results/{{dataset}}/logs/{name}.log"


def benchmarks(name, suffix="tsv"):
    """Return the path pattern of what Snakemake, or the program itself, measures."""
    return f"results/{{dataset}}/benchmarks/{name}.{suffix}"


def shown(path):
    """Return an output that stands, with its caption, in Snakemake's own report."""
    return report(
        f"results/{{dataset}}/{path}",
        caption=f"../report/{Path(path).stem}.rst",
        category="{dataset}",
        subcategory=Path(path).parent.name,
        labels={"shows": Path(path).stem.replace("_", " ")},
    )


def captions_of(paths):
    """Return the files that say what tables and figures show."""
    stems = [Path(path).stem for path in paths]
    return [Path(workflow.source_path(f"../report/{stem}.rst")) for stem in stems]


def read_csv(path):
    """Return the lines of a CSV file, each by the names of its columns."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def is_made(path):
    """Return whether a file of the workflow is there."""
    return Path(PREFIX + path).exists()


def table(path):
    """Return the outputs of a table: CSV and, for people, Markdown."""
    return {"csv": f"results/{{dataset}}/{path}.csv", "markdown": shown(f"{path}.md")}


def figure(path):
    """Return the output of a figure: PNG and, for print, PDF."""
    return [shown(f"{path}.png"), f"results/{{dataset}}/{path}.pdf"]


def stack(name):
    """Return the path pattern of one of the four stacks."""
    return f"results/{{dataset}}/data/{name}.tif"


def settings(stage):
    """Return the path pattern of the settings that a stage's wildcard names."""
    return f"results/{{dataset}}/settings/{stage}/{{{stage}}}.json"


def datasets_from(source):
    """Return a wildcard constraint that fits the datasets of one source."""
    names = [n for n, d in config["datasets"].items() if d["source"] == source]
    return "|".join(names) or "NO_DATASET"


CHECK_PAGE = "results/{dataset}/check.html"
SLICES_PAGE = "results/{dataset}/slices.html"
USABLE = "results/{dataset}/data/usable.json"


def usable(wildcards):
    """Return what says that a dataset can be trained on: its splits wait for it.

    Not for the page of the check, whose code changes more often. Nor have those of
    ISBI 2012 to wait, of which every pixel is verified.
    """
    verified = config["datasets"][wildcards.dataset]["source"] == "isbi2012"
    return [] if verified else [USABLE.format(dataset=wildcards.dataset)]


FINGERPRINTS = "results/{dataset}/data/fingerprints.json"


def own_files(wildcards):
    """Return the paths of your own stacks, which no prefix concerns."""
    return list(config["datasets"][wildcards.dataset]["files"].values())


def own_contents(wildcards):
    """Return the hashes of your own stacks: neither a touch nor an old time deceives."""
    record = FINGERPRINTS.format(dataset=wildcards.dataset)
    found = fingerprints(own_files(wildcards), Path(PREFIX + record))
    return [found[path]["sha256"] for path in found]


def own_range(wildcards):
    """Return the option that scales your own volumes, if a range is stated."""
    stated = config["datasets"][wildcards.dataset].get("intensity_range", [])
    # Without exponents, behind which argparse does not see negative numbers.
    words = [format(Decimal(repr(value)), "f") for value in stated]
    return " ".join(["--intensity-range", *words]) if words else ""


def scale(wildcards):
    """Return the option that draws a scale bar, if the pixel size is stated."""
    return stated(wildcards, ["nm_per_pixel"])


def voxel(wildcards):
    """Return the options that tell viewers how large pixels and slices are, if stated."""
    return stated(wildcards, ["nm_per_pixel", "nm_per_slice"])


def stated(wildcards, keys):
    """Return options for those keys that a dataset states."""
    dataset = config["datasets"][wildcards.dataset]
    found = [key for key in keys if key in dataset]
    return " ".join(f"--{key.replace('_', '-')} {dataset[key]}" for key in found)
