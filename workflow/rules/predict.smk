# Stage 5: overlap-tile prediction, averaged over views and networks.


rule predict:
    """Predict the probability of cell interior for the scored slices."""
    input:
        model=lambda w: averaged(model_of(w.inference), w),
        card=lambda w: averaged(f"{MODEL}/model.json", w),
        volume=lambda w: stack("test-volume" if w.split == "test" else "train-volume"),
        split=SPLIT,
        inference=settings("inference"),
    output:
        output=f"{PREDICTION}/probability.tif",
        prediction_run=f"{PREDICTION}/run.json",
    log:
        logs(f"predict/{RUN}"),
    benchmark:
        benchmarks(f"predict/{RUN}")
    wildcard_constraints:
        network=networks(affinities=False),
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        **needs(predict_mem_mb, 120, GPU),
    params:
        **program("predict"),
        device=DEVICE,
        voxel=voxel,
    shell:
        command("--device {params.device} --threads {threads} {params.voxel}")


use rule predict as predict_affinities with:
    output:
        output=f"{PREDICTION}/probability.tif",
        affinities=f"{PREDICTION}/affinities.tif",
        prediction_run=f"{PREDICTION}/run.json",
    wildcard_constraints:
        network=networks(affinities=True),
