# Stage 8: figures of the reference experiment, and of a partitioned one, as PNG and as
# vectors.


rule figure_architecture:
    """Show the feature maps and operations of the network (figure 1)."""
    input:
        network=run_of(settings("network"), *EXAMPLE_RUN),
    output:
        output=figure("figures/architecture"),
    log:
        logs("figures/architecture"),
    benchmark:
        benchmarks("figures/architecture")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_architecture"),
        side=REFERENCE_SETTINGS["augmentation"]["side"],
        channels=1 + 2 * REFERENCE_SETTINGS["augmentation"]["neighbours"],
        name=f"this run ({config['experiments'][REFERENCE]['network']})",
    shell:
        command(
            "--side {params.side} --name {params.name:q}"
            " --channels {params.channels}"
        )


rule figure_overlap_tile:
    """Show what a tile sees and what it predicts (figure 2)."""
    input:
        volume=stack("test-volume"),
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
        split=run_of(SPLIT, *EXAMPLE_RUN),
        network=run_of(settings("network"), *EXAMPLE_RUN),
        inference=run_of(settings("inference"), *EXAMPLE_RUN),
    output:
        output=figure("figures/overlap_tile"),
    log:
        logs("figures/overlap_tile"),
    benchmark:
        benchmarks("figures/overlap_tile")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_overlap_tile"),
    shell:
        command()


rule figure_qualitative:
    """Show slices, truth, probability and segmentation."""
    input:
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
        split=run_of(SPLIT, *EXAMPLE_RUN),
    output:
        output=figure("figures/qualitative"),
    log:
        logs("figures/qualitative"),
    benchmark:
        benchmarks("figures/qualitative")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_qualitative"),
        scale=scale,
    shell:
        command("{params.scale} --title {wildcards.dataset}")


rule figure_errors:
    """Show what the scores count on the best and the worst slice."""
    input:
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
        split=run_of(SPLIT, *EXAMPLE_RUN),
        scores=run_of(f"{SCORED}/scores.csv", *EXAMPLE_RUN),
    output:
        output=figure("figures/errors"),
    log:
        logs("figures/errors"),
    benchmark:
        benchmarks("figures/errors")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_errors"),
        scale=scale,
    shell:
        command("{params.scale}")


rule figure_partition:
    """Show what the partition into cells changed, and the cells."""
    input:
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{PREDICTION}/probability.tif", *PARTITIONED_RUN),
        split=run_of(SPLIT, *PARTITIONED_RUN),
        scores=run_of(f"{PREDICTION}/scores.csv", *PARTITIONED_RUN),
        partitioned=run_of(f"{PARTITION}/probability.tif", *PARTITIONED_RUN),
        partitioned_scores=run_of(f"{PARTITION}/scores.csv", *PARTITIONED_RUN),
        instances=run_of(f"{PARTITION}/instances.tif", *PARTITIONED_RUN),
        affinities=run_of(f"{PREDICTION}/affinities.tif", *PARTITIONED_RUN),
    output:
        output=figure("figures/partition"),
    log:
        logs("figures/partition"),
    benchmark:
        benchmarks("figures/partition")
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("figure_partition"),
        scale=scale,
    shell:
        command("{params.scale}")


rule figure_weights:
    """Show a sample, its cells, its mask and its weight map (figure 3)."""
    input:
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=run_of(SPLIT, *EXAMPLE_RUN),
        statistics=run_of(STATISTICS, *EXAMPLE_RUN),
        augmentation=run_of(settings("augmentation"), *EXAMPLE_RUN),
        weights=run_of(settings("weights"), *EXAMPLE_RUN),
    output:
        output=figure("figures/weights"),
    log:
        logs("figures/weights"),
    benchmark:
        benchmarks("figures/weights")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_weights"),
        seed=trainings([EXAMPLE_RUN])[0][2],
    shell:
        command("--seed {params.seed}")


rule figure_augmentation:
    """Show how the deformation grid moves a slice."""
    input:
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=run_of(SPLIT, *EXAMPLE_RUN),
        augmentation=run_of(settings("augmentation"), *EXAMPLE_RUN),
    output:
        output=figure("figures/augmentation"),
    log:
        logs("figures/augmentation"),
    benchmark:
        benchmarks("figures/augmentation")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_augmentation"),
        seed=trainings([EXAMPLE_RUN])[0][2],
    shell:
        command("--seed {params.seed}")


rule figure_training_curves:
    """Draw loss and learning rate of every training of the reference experiment."""
    input:
        history=paths_of(f"{MODEL}/history.csv", trainings(REFERENCE_RUNS)),
    output:
        output=figure("figures/training_curves"),
    log:
        logs("figures/training_curves"),
    benchmark:
        benchmarks("figures/training_curves")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_training_curves"),
        names=[f"seed{seed}" for _, _, seed in trainings(REFERENCE_RUNS)],
    shell:
        command("--names {params.names}")


rule figure_threshold_curves:
    """Draw the scores against the threshold, on the test stack."""
    input:
        scores="results/{dataset}/scores/reference.csv",
        fold_scores=[],
    output:
        output=figure("figures/threshold_curves"),
    log:
        logs("figures/threshold_curves"),
    benchmark:
        benchmarks("figures/threshold_curves")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_threshold_curves"),
    shell:
        command()


use rule figure_threshold_curves as figure_fold_curves with:
    input:
        scores="results/{dataset}/scores/reference.csv",
        fold_scores="results/{dataset}/scores/folds.csv",
    output:
        output=figure("crossvalidation/threshold_curves"),
    log:
        logs("crossvalidation/threshold_curves"),
    benchmark:
        benchmarks("crossvalidation/threshold_curves")
