# Beside the stages: scores along a training, from the snapshots that it has kept so far.

CURVE = ["results/{dataset}/curve/curve.png", "results/{dataset}/curve/curve.md"]


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
    """Gather and draw the scores of all snapshots, and of those known from before."""
    input:
        points="results/{dataset}/curve/points.json",
        known=lambda w: known_points(w.dataset),
        also=lambda w: [
            p[key] for p in points(w.dataset) for key in ("record", "scores")
        ],
    output:
        **table("curve/curve"),
        output=figure("curve/curve"),
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
        command("--dataset {wildcards.dataset}")
