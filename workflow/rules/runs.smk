# Runs: an experiment on one split with one seed. Which there are, what they need, and
# where their files lie.

from functools import cache

from unet2015.config.experiments import against_of, differing_in_steps, torch_peers
from unet2015.config.initial_models import NONE, made_by
from unet2015.training import resources

TRAINING = "{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}"
RUN = "{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}"

SPLIT = "results/{dataset}/splits/{split}.json"
STATISTICS = "results/{dataset}/statistics/{split}.json"
SAMPLES = "results/{dataset}/samples/{split}/{augmentation}/seed{seed}"
MODEL = f"results/{{dataset}}/models/{TRAINING}"
PREDICTION = f"results/{{dataset}}/predictions/{RUN}"
PARTITION = f"{PREDICTION}/{{partition}}"
SCORED_RUN = f"{RUN}{{below}}"
SCORED = f"{PREDICTION}{{below}}"
"""What is scored: the prediction itself, or what lies below it, its partition."""
CHECKPOINTS = (
    "results/checkpoints/{dataset}_"
    "{split}_{augmentation}_{weights}_{network}_{training}_seed{seed}"
)

REFERENCE = config["run"]["reference"]
REFERENCE_SETTINGS = settings_of(config, REFERENCE)


def runs(experiments, splits):
    """Return (experiment, split, seed) of each run."""
    return [
        (experiment, split, seed)
        for experiment in experiments
        for split in splits
        for seed in config["run"]["seeds"]
    ]


def checked_settings(dataset):
    """Return what the check of a dataset is told: of it, and what would be trained."""
    chosen = config["experiments"][REFERENCE]
    used = {
        "augmentation": ["side", "displacement_std"],
        "weights": ["sigma"],
        "network": REFERENCE_SETTINGS["network"],
    }
    return {
        "dataset": dataset,
        "entry": config["datasets"][dataset],
        "folds": config["run"]["folds"],
        **{
            stage: {
                "name": chosen[stage],
                **{key: REFERENCE_SETTINGS[stage][key] for key in keys},
            }
            for stage, keys in used.items()
        },
    }


REFERENCE_RUNS = runs([REFERENCE], ["test"])
"""The reference experiment on the test stack, every seed."""

IN_TABLE1 = [REFERENCE, *config["run"]["table1"]]
"""Experiments with a row in table 1."""

EXAMPLE_RUN = REFERENCE_RUNS[0]
"""What figures of a single run show."""

FOLD_RUNS = runs([REFERENCE], [f"fold{k}" for k in range(config["run"]["folds"])])
"""What chooses thresholds: the reference experiment on every fold and seed."""

EXPERIMENT_RUNS = runs(config["experiments"], config["run"]["splits"])
"""The matrix: every experiment on every split and seed of the config."""

AGAINST = [f"{name}={other}" for name, other in against_of(config).items()]
"""What experiments are compared with that is not the reference."""

STEP_SWEEP = differing_in_steps(config)
"""The experiments that differ from the reference in training time alone."""


def run_of(pattern, experiment, split, seed):
    """Fill a path pattern for one run of an experiment; {dataset} stays open."""
    return filled(pattern, config["experiments"][experiment], split, seed)


def filled(pattern, chosen, split, seed):
    """Fill a path pattern for settings of each stage; {dataset} stays open."""
    return pattern.format(
        dataset="{dataset}", split=split, seed=seed, below=below(chosen), **chosen
    )


def below(chosen):
    """Return where below its prediction lies what an experiment is scored by."""
    partition = chosen["partition"]
    is_left = config["partition"][partition]["method"] == "none"
    return "" if is_left else os.sep + partition


PARTITIONED = [name for name in IN_TABLE1 if below(config["experiments"][name])]
"""Those of them that are scored by their partition into cells."""

PARTITIONED_RUN = runs(PARTITIONED or [REFERENCE], ["test"])[0]
"""What the figure of the partition shows; without any, nothing asks for it."""


def paths_of(pattern, chosen):
    """Fill a path pattern for each run; {dataset} stays open."""
    return [run_of(pattern, *run) for run in chosen]


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


def model_of(inference):
    """Return the path pattern of the file that named inference settings open."""
    backend = config["inference"][inference]["backend"]
    return f"{MODEL}/model.{'safetensors' if backend == 'torch' else 'onnx'}"


def networks(affinities):
    """Return a wildcard constraint that fits those that predict affinities, or not."""
    named = config["network"].items()
    names = [n for n, settings in named if bool(settings["affinities"]) == affinities]
    return "|".join(names) or "NO_NETWORK"


def samples_of(wildcards):
    """Return the files that samples come from: stored, or drawn during the training."""
    if config["augmentation"][wildcards.augmentation]["on_the_fly"]:
        return {
            "volume": stack("train-volume"),
            "labels": stack("train-labels"),
            "split": SPLIT,
            "augmentation": settings("augmentation"),
            "weights": settings("weights"),
        }
    return {
        "sample_images": f"{SAMPLES}/images.npy",
        "sample_labels": f"{SAMPLES}/labels.npy",
        "sample_weights": f"{SAMPLES}/weights/{{weights}}.npy",
    }


def initial_of(wildcards):
    """Return the files of the model that a training begins with, if it names one."""
    path = config["training"][wildcards.training]["initial"]
    if path == NONE:
        return {}
    card, made = str(Path(path).with_suffix(".json")), made_by(path)
    files = {"initial": path, "also": card}
    if not made:
        return {name: ancient(local(path)) for name, path in files.items()}
    is_held_out = wildcards.split not in ("test", made["split"])
    if is_held_out and made["dataset"] == wildcards.dataset:
        raise WorkflowError(
            f"training.{wildcards.training}.initial is {path}, which was trained on "
            f"slices that {wildcards.split} of {wildcards.dataset} holds out; name a "
            "model of another dataset"
        )
    return files


def initial_content(wildcards):
    """Return the hash of a model from elsewhere that a training begins with, if any."""
    path = config["training"][wildcards.training]["initial"]
    if path == NONE or made_by(path) or not Path(path).exists():
        return ""
    return content_of(path)


@cache
def content_of(path):
    """Return the hash of a file; many trainings may begin with the same one."""
    return content_version([Path(path)])


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
    return resources.minutes(*training_of(wildcards), GPU > 0)


def predict_mem_mb(wildcards, inference=None):
    """Return the memory of a prediction: its bound and 2 GB for the program."""
    memory = config["inference"][inference or wildcards.inference]["memory"]
    return round(1000 * memory) + 2000 if memory else 16000


RUN_NAMES = ("dataset", "experiment", "split", "seed")
"""What names a run in lists and rows."""


def scored(run):
    """Return what a table is told of a run: its name, scores and trainings."""
    return {
        **dict(zip(RUN_NAMES, ("{dataset}", *run))),
        "scores": run_of(f"{SCORED}/scores.csv", *run),
        "records": paths_of(f"{MODEL}/run.json", trainings([run])),
    }


PEERS = torch_peers(config)
"""Inference settings of another backend or precision, and what they stand beside."""

PARITY = list(dict.fromkeys(name for pair in PEERS.items() for name in reversed(pair)))
"""The rows of the table of parity: the peer in torch, then the others."""


def on_first_fold(inference, pattern):
    """Fill a path pattern for a row of that table; {dataset} stays open."""
    chosen = {**config["experiments"][REFERENCE], "inference": inference}
    return filled(pattern, chosen, "fold0", config["run"]["seeds"][0])


def compared(inference):
    """Return what that table is told of a row: its settings and files."""
    settings = config["inference"][inference]
    first = members(inference, config["run"]["seeds"][0])[0]
    return {
        "inference": inference,
        "peer": PEERS.get(inference, inference),
        **{
            key: settings[key]
            for key in ("backend", "precision", "test_time_augmentation")
        },
        "model": on_first_fold(
            inference, model_of(inference).replace("{seed}", str(first))
        ),
        "probability": on_first_fold(inference, f"{SCORED}/probability.tif"),
        "scores": on_first_fold(inference, f"{SCORED}/scores.csv"),
    }


LISTED = {
    "reference": [scored(run) for run in REFERENCE_RUNS],
    "table1": [scored(run) for run in runs(IN_TABLE1, ["test"])],
    "folds": [scored(run) for run in FOLD_RUNS],
    "parity": [compared(inference) for inference in PARITY],
}
"""What tables gather, by the name of the list; {dataset} stays open."""
