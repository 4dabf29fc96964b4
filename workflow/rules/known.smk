# What lasts of runs: rows of experiments and of claims, points of the curve. Those that
# are known from before, perhaps from other machines, stand for runs that are not made.

import hashlib
from functools import cache

from unet2015.config.experiments import (
    claim_runs,
    settings_hash,
    shown_of_snapshots,
)
from unet2015.experiments.paper_results import DATASET

KNOWN_ROWS = [local(path) for path in config["run"]["known"]]
"""Rows of runs that are not made again, some from other machines."""


@cache
def settings_known():
    """Return by the names of a run whose row is known its settings and their file."""
    return {
        tuple(row.get(name) for name in RUN_NAMES): (row.get("settings"), path)
        for path in config["run"]["known"]
        if Path(path).exists()  # else Snakemake says that an input is missing
        for row in read_csv(path)
    }


def described(dataset, run):
    """Return what the rows of experiments are told of a run; of a known one, its name."""
    experiment, split, seed = run
    told = dict(zip(RUN_NAMES, (dataset, *run)))
    told["settings"] = settings_hash(config, dataset, experiment, split)
    found = settings_known().get((dataset, experiment, split, str(seed)))
    if found is None:
        told["scores"] = run_of(f"{SCORED}/scores.json", *run)
        told["records"] = paths_of(f"{MODEL}/run.json", trainings([run]))
    elif found[0] != told["settings"]:
        raise WorkflowError(
            f"{found[1]} has a row of {experiment} on {split}, seed {seed}, that was "
            f"made with settings {found[0]}, expected {told['settings']}: undo what "
            "changed in the config, or remove the row"
        )
    return told


def files_of_row(run, dataset):
    """Return the files that a row is made of; of a known one, none."""
    paths = [run["scores"], *run["records"]] if "scores" in run else []
    return [path.format(dataset=dataset) for path in paths]


@cache
def runs_of_rows(dataset, gathered):
    """Return what a table of rows is told of the experiments: all, or what is finished."""
    told = [described(dataset, run) for run in EXPERIMENT_RUNS]
    if gathered == "rows":
        return told
    return [run for run in told if all(map(is_made, files_of_row(run, dataset)))]


def needed_of_rows(dataset, gathered):
    """Return the files that a table of rows waits for; of what is finished, none."""
    runs = [] if gathered == "finished" else runs_of_rows(dataset, gathered)
    return [path for run in runs for path in files_of_row(run, dataset)]


SNAPSHOT = f"{TRAINING}/step{{step}}/{{kept}}_{{inference}}"
SNAPSHOT_PREDICTION = f"results/{{dataset}}/snapshots/{SNAPSHOT}"

KNOWN_POINTS = ROOT / "docs/data/paper_curve.csv"
"""Points of ISBI 2012 from earlier trainings, some on other machines."""


def known_points(dataset):
    """Return the files of points that are known from before."""
    return [KNOWN_POINTS] if dataset == DATASET and KNOWN_POINTS.exists() else []


def snapshots(pattern):
    """Return the folder of each snapshot by its step, as it is written in paths.

    Of several versions of the code, the one that kept the last snapshot counts.
    """
    records = Path(PREFIX).glob(f"{pattern}/*/snapshots/step*/run.json")
    found = sorted(records, key=lambda path: path.stat().st_mtime)
    return {
        path.parent.name.removeprefix("step"): path.parent.relative_to(PREFIX)
        for path in found
        if path.parents[2] == found[-1].parents[2]
    }


def snapshot_of(name):
    """Return a function of wildcards that gives a file of a snapshot."""

    def path(wildcards):
        found = snapshots(CHECKPOINTS.format(**wildcards))
        return str(found[wildcards.step] / name.format(**wildcards))

    return path


def snapshot_points(dataset, run):
    """Return what the table of the curve is told of the snapshots of a training."""
    experiment, split, seed = run
    chosen = {**config["experiments"][experiment], "split": split, "seed": seed}
    chosen["dataset"] = dataset
    listed = []
    for step, folder in snapshots(CHECKPOINTS.format(**chosen)).items():
        for shown in shown_of_snapshots(config):
            scores = f"{SNAPSHOT_PREDICTION}/scores.json".format(
                **{**chosen, **shown, "step": step}
            )
            listed.append(
                {
                    **shown,
                    "training": chosen["training"],
                    "record": str(folder / "run.json"),
                    "scores": scores,
                }
            )
    return listed


def end_point(dataset, run):
    """Return what the table of the curve is told of a finished training."""
    chosen = config["experiments"][run[0]]
    return {
        "training": chosen["training"],
        "weight_average": config["training"][chosen["training"]]["weight_average"] > 0,
        "inference": chosen["inference"],
        "record": run_of(f"{MODEL}/run.json", *trainings([run])[0]).format(
            dataset=dataset
        ),
        "scores": run_of(f"{SCORED}/scores.json", *run).format(dataset=dataset),
    }


def points(dataset):
    """Return the points of the curve: snapshots, or the end of a training without."""
    if REFERENCE_SETTINGS["training"]["snapshots"]:
        return [p for run in REFERENCE_RUNS for p in snapshot_points(dataset, run)]
    return [end_point(dataset, run) for run in REFERENCE_RUNS]


CLAIM_RUNS = claim_runs(config)
"""The runs that test claims, by how much of them: pilot, primary or all."""

KNOWN_CLAIMS = ROOT / "docs/data/claims.csv"
"""Trainings that tested the claims of `config/claims.yaml`, some on other machines."""

OVERLAYS = [Path(path) for path in workflow.overwrite_configfiles]
DESIGN = [
    OWN if OWN.exists() else SHIPPED,
    *([path for path in OVERLAYS if path.name != "claims_seeds.yaml"]),
]
if not CLAIM_RUNS["all"]:
    DESIGN[1:] = [ROOT / "config/claims.yaml"]
"""What says which claims there are and what decides them; the last file identifies it."""


def known_claims(dataset):
    """Return the files of trainings that are known from before and test these claims."""
    own = DESIGN[-1].resolve() == (ROOT / "config/claims.yaml").resolve()
    return (
        [KNOWN_CLAIMS] if own and dataset == DATASET and KNOWN_CLAIMS.exists() else []
    )


def rows_known(dataset):
    """Return arm and seed of trainings known from before, which are not trained again."""
    found = set()
    expected = hashlib.sha256(DESIGN[-1].read_bytes()).hexdigest()
    for path in known_claims(dataset):
        rows = read_csv(path)
        others = [row for row in rows if row.get("design") != expected]
        if others:
            raise WorkflowError(
                f"{path} has a row of another design than {DESIGN[-1]}: "
                f"{others[0].get('arm')}, seed {others[0].get('seed')}; undo what "
                "changed in that file, or remove the rows"
            )
        found |= {(row["arm"], int(row["seed"])) for row in rows}
    return found


def claimed(dataset, part):
    """Return what the table of claims is told of a part of the runs."""
    listed = []
    known = rows_known(dataset) if part != "finished" else set()
    for run in CLAIM_RUNS["all" if part == "finished" else part]:
        if (run[0], run[2]) in known:
            continue
        (training,) = trainings([run])
        listed.append(
            {
                "arm": run[0],
                "seed": run[2],
                "record": run_of(f"{MODEL}/run.json", *training),
                "scores": run_of(f"{SCORED}/further.json", *run),
            }
        )
    if part != "finished":
        return listed
    return [run for run in listed if is_made(run["scores"].format(dataset=dataset))]


def needed_of_claims(dataset, part):
    """Return the files that the table of claims waits for; of what is finished, none."""
    runs = [] if part == "finished" else claimed(dataset, part)
    return [
        run[key].format(dataset=dataset) for run in runs for key in ("record", "scores")
    ]


def shown_on(wildcards):
    """Return what a page shows; on ISBI 2012 also what took other trainings."""
    also = list(CURVE) if known_points(wildcards.dataset) else []
    if known_claims(wildcards.dataset):
        also += expand(CLAIMS, part="finished", allow_missing=True)
    return [*PAGES[wildcards.page], *also]
