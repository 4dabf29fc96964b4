# Beside the stages: scores along a training, from the snapshots that it has kept so far.

from unet2015.experiments.paper_results import DATASET

SNAPSHOT = f"{TRAINING}/step{{step}}/{{kept}}_{{inference}}"
SNAPSHOT_PREDICTION = f"results/{{dataset}}/snapshots/{SNAPSHOT}"
CURVE = ["results/{dataset}/curve/curve.png", "results/{dataset}/curve/curve.md"]

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
        for shown in config["run"]["curve"]:
            averaged = shown.get("weight_average", False)
            inference = shown.get("inference", chosen["inference"])
            kept = "average" if averaged else "model"
            scores = f"{SNAPSHOT_PREDICTION}/scores.json".format(
                **{**chosen, "inference": inference}, step=step, kept=kept
            )
            listed.append(
                {
                    "training": chosen["training"],
                    "weight_average": averaged,
                    "inference": inference,
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
        "scores": run_of(f"{PREDICTION}/scores.json", *run).format(dataset=dataset),
    }


def points(dataset):
    """Return the points of the curve: snapshots, or the end of a training without."""
    if REFERENCE_SETTINGS["training"]["snapshots"]:
        return [p for run in REFERENCE_RUNS for p in snapshot_points(dataset, run)]
    return [end_point(dataset, run) for run in REFERENCE_RUNS]


use rule predict as predict_snapshot with:
    input:
        model=snapshot_of("{kept}.safetensors"),
        card=snapshot_of("{kept}.json"),
        volume=stack("test-volume"),
        split=SPLIT,
        inference=settings("inference"),
    output:
        output=f"{SNAPSHOT_PREDICTION}/probability.tif",
        prediction_run=f"{SNAPSHOT_PREDICTION}/run.json",
    log:
        logs(f"predict/{SNAPSHOT}"),
    benchmark:
        benchmarks(f"predict/{SNAPSHOT}")


use rule evaluate as evaluate_snapshot with:
    input:
        labels=stack("test-labels"),
        probability=f"{SNAPSHOT_PREDICTION}/probability.tif",
        split=SPLIT,
    output:
        output=f"{SNAPSHOT_PREDICTION}/scores.json",
        scores=f"{SNAPSHOT_PREDICTION}/scores.csv",
    log:
        logs(f"evaluate/{SNAPSHOT}"),
    benchmark:
        benchmarks(f"evaluate/{SNAPSHOT}")


use rule settings as curve_points with:
    output:
        json="results/{dataset}/curve/points.json",
    log:
        logs("curve/points"),
    localrule: True
    params:
        json=lambda w: listed(points(w.dataset), w.dataset),


rule curve:
    """Gather the scores of all snapshots, and of those known from before."""
    input:
        points="results/{dataset}/curve/points.json",
        known=lambda w: known_points(w.dataset),
        also=lambda w: [
            p[key] for p in points(w.dataset) for key in ("record", "scores")
        ],
    output:
        **table("curve/curve"),
    log:
        logs("curve"),
    benchmark:
        benchmarks("curve")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_curve"),
    shell:
        command()


rule figure_curve:
    """Draw the five scores against steps, pixels and hours."""
    input:
        curve="results/{dataset}/curve/curve.csv",
    output:
        output=figure("curve/curve"),
    log:
        logs("figures/curve"),
    benchmark:
        benchmarks("figures/curve")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_curve"),
    shell:
        command("--dataset {wildcards.dataset}")
