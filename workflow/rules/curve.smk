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


def points(dataset):
    """Return what the table of the curve is told of each point."""
    listed = []
    for _, split, seed in REFERENCE_RUNS:
        chosen = {**config["experiments"][REFERENCE], "split": split, "seed": seed}
        for step, folder in snapshots(
            CHECKPOINTS.format(dataset=dataset, **chosen)
        ).items():
            for shown in config["run"]["curve"]:
                averaged = shown.get("weight_average", False)
                point = {
                    **chosen,
                    "inference": shown.get("inference", chosen["inference"]),
                    "kept": "average" if averaged else "model",
                    "step": step,
                    "dataset": dataset,
                }
                listed.append(
                    {
                        "training": chosen["training"],
                        "weight_average": averaged,
                        "inference": point["inference"],
                        "record": str(folder / "run.json"),
                        "scores": f"{SNAPSHOT_PREDICTION}/scores.json".format(**point),
                    }
                )
    return listed


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
        also=lambda w: [point["scores"] for point in points(w.dataset)],
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
