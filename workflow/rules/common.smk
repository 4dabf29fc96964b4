# Config, names and paths that all stages share.

import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir).parent
SCRIPTS = Path(os.path.relpath(ROOT / "scripts"))

sys.path.insert(0, str(ROOT / "scripts"))

from unet2015.training import resources
from unet2015.config.experiments import STAGES, differing_in_steps, torch_peers
from unet2015.config.validation import complete
from unet2015.errors import InputError
from unet2015.config.imports import closure
from unet2015.config.interpreter import put_first_on_path

put_first_on_path()

try:
    config = complete(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

STACKS = ["train-volume", "train-labels", "test-volume", "test-labels"]
REFERENCE = config["run"]["reference"]
ENVIRONMENT = f"../../envs/{config['run']['environment']}.yaml"
NAME = "[a-z0-9]+(-[a-z0-9]+)*"


wildcard_constraints:
    dataset=NAME,
    split="test|fold[0-9]+",
    stage="|".join(STAGES),
    name=NAME,
    augmentation=NAME,
    weights=NAME,
    network=NAME,
    training=NAME,
    inference=NAME,
    seed="[0-9]+",


def code(program):
    """Return a program and every library module that it imports."""
    return [str(path) for path in closure(SCRIPTS / f"{program}.py")]


def stack(name):
    """Return the path pattern of one of the four stacks."""
    return f"results/{{dataset}}/data/{name}.tif"


def settings(stage):
    """Return the path pattern of the settings that a stage's wildcard names."""
    return f"results/{{dataset}}/settings/{stage}/{{{stage}}}.json"


CACHING = "SNAKEMAKE_OUTPUT_CACHE" in os.environ
"""Whether files may come from other working folders (`--cache` of Snakemake).

The rules `cached_...` do; Snakemake refuses to time them. What a cached file depends on
has to be a param or an input, as wildcards are not part of its identity.
"""

if CACHING:

    ruleorder: cached_download > download
    ruleorder: cached_augment > augment
    ruleorder: cached_weight_maps > weight_maps

else:

    ruleorder: download > cached_download
    ruleorder: augment > cached_augment
    ruleorder: weight_maps > cached_weight_maps


SPLIT = "results/{dataset}/splits/{split}.json"
STATISTICS = "results/{dataset}/statistics/{split}.json"
SAMPLES = "results/{dataset}/samples/{split}/{augmentation}/seed{seed}"
MODEL = "results/{dataset}/models/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}"
PREDICTION = "results/{dataset}/predictions/{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}"


def run_of(pattern, experiment, split, seed):
    """Fill a path pattern for one run of an experiment; {dataset} stays open."""
    return pattern.format(
        dataset="{dataset}",
        split=split,
        seed=seed,
        **config["experiments"][experiment],
    )


def runs(experiments, splits):
    """Return (experiment, split, seed) of each run."""
    return [
        (experiment, split, seed)
        for experiment in experiments
        for split in splits
        for seed in config["run"]["seeds"]
    ]


def paths_of(pattern, chosen):
    """Fill a path pattern for each run; {dataset} stays open."""
    return [run_of(pattern, *run) for run in chosen]


REPORTED = runs([REFERENCE], ["test"])
"""The runs of table 1: the reference experiment on the test stack, every seed."""

FOLDS = [f"fold{k}" for k in range(config["run"]["folds"])]
HELD_OUT = runs([REFERENCE], FOLDS)
"""The runs of the reference experiment that choose thresholds, every seed."""

SHOWN = REPORTED[0]
"""The run that figures of a single run show."""

COMPARED = runs(config["experiments"], config["run"]["splits"])
"""The matrix: every experiment on every split and seed of the config."""

CLAIMS = {
    name: chosen["claim"]
    for name, chosen in config["experiments"].items()
    if "claim" in chosen and name != REFERENCE
}
"""The claim of the paper that each experiment tests by doing without it."""

PACED = runs(differing_in_steps(config), config["run"]["splits"])
"""The runs of experiments that differ from the reference in training time alone."""


def identities(chosen):
    """Return a function that names the runs of a dataset as JSON for a table."""

    def as_json(wildcards):
        keys = ("dataset", "experiment", "split", "seed")
        return json.dumps(
            [dict(zip(keys, (wildcards.dataset, *run))) for run in chosen]
        )

    return as_json


def members(inference, seed):
    """Return the seeds of the networks that a prediction averages."""
    count = config["inference"][inference]["networks"]
    return range(count * int(seed), count * (int(seed) + 1))


def averaged(pattern, wildcards):
    """Fill the seed of a training's path pattern for each network of a prediction."""
    seeds = members(wildcards.inference, wildcards.seed)
    return expand(pattern, seed=seeds, allow_missing=True)


def trainings(chosen):
    """Return (experiment, split, seed) of each training that runs need."""
    return [
        (experiment, split, member)
        for experiment, split, seed in chosen
        for member in members(config["experiments"][experiment]["inference"], seed)
    ]


def repeated(chosen):
    """Return each run once for every training that it needs."""
    return [run for run in chosen for _ in trainings([run])]


def model_of(inference):
    """Return the path pattern of the file that named inference settings open."""
    backend = config["inference"][inference]["backend"]
    return f"{MODEL}/model.{'safetensors' if backend == 'torch' else 'onnx'}"


PEERS = torch_peers(config)
"""Inference settings of another backend or precision, and what they stand beside."""

PARITY = list(dict.fromkeys(name for pair in PEERS.items() for name in reversed(pair)))
"""The rows of the table of parity: the peer in torch, then the others."""


def parity_paths(pattern):
    """Fill a path pattern for each row, on the first fold; {dataset} stays open."""
    run = {"dataset": "{dataset}", "split": "fold0", "seed": config["run"]["seeds"][0]}
    reference = config["experiments"][REFERENCE]
    return [
        pattern(name).format(**{**reference, **run, "inference": name})
        for name in PARITY
    ]


def first_model(inference):
    """Return the path pattern of one of the files that a row of that table opens."""
    seed = members(inference, config["run"]["seeds"][0])[0]
    return model_of(inference).replace("{seed}", str(seed))


def training_of(wildcards):
    """Return what the memory and the time of a training depend on."""
    augmentation = config["augmentation"][wildcards.augmentation]
    return (
        config["network"][wildcards.network],
        config["training"][wildcards.training],
        augmentation["side"],
        1 + 2 * augmentation["neighbours"],
    )


def train_mem_mb(wildcards, attempt):
    """Return the memory of a training; more at each try, as that may be why it failed."""
    return attempt * resources.memory_mb(*training_of(wildcards))


def train_minutes(wildcards):
    """Return the time of a training; beyond it, the next try resumes it."""
    return resources.minutes(*training_of(wildcards), config["run"]["gpu"] > 0)


def predict_mem_mb(wildcards):
    """Return the memory of a prediction: its bound and 2 GB for the program."""
    memory = config["inference"][wildcards.inference]["memory"]
    return round(1000 * memory) + 2000 if memory else 16000


def datasets_from(source):
    """Return a wildcard constraint that fits the datasets of one source."""
    names = [n for n, d in config["datasets"].items() if d["source"] == source]
    return "|".join(names) or "(?!)"


def augmentations(on_the_fly):
    """Return a wildcard constraint: samples drawn during the training, or stored."""
    names = [
        n for n, a in config["augmentation"].items() if a["on_the_fly"] == on_the_fly
    ]
    return "|".join(names) or "(?!)"
