# Stage 7: figures of the reference experiment, as PNG and as vectors.

from unet2015.config.experiments import settings_of

REFERENCE_SETTINGS = settings_of(config, REFERENCE)


rule figure_architecture:
    """Show the feature maps and operations of the network (figure 1)."""
    input:
        code=code("figure_architecture"),
        network=run_of(settings("network"), *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/architecture.png",
            caption="../report/architecture.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/architecture.pdf",
    log:
        "results/{dataset}/logs/figures/architecture.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/architecture.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        side=REFERENCE_SETTINGS["augmentation"]["side"],
        channels=1 + 2 * REFERENCE_SETTINGS["augmentation"]["neighbours"],
        name=f"this run ({config['experiments'][REFERENCE]['network']})",
    message:
        "Draw the network"
    shell:
        "python {input.code[0]:q} --network {input.network} --side {params.side}"
        " --channels {params.channels} --name {params.name:q}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_overlap_tile:
    """Show what a tile sees and what it predicts (figure 2)."""
    input:
        code=code("figure_overlap_tile"),
        volume=stack("test-volume"),
        probability=run_of(f"{PREDICTION}/probability.tif", *SHOWN),
        split=run_of(SPLIT, *SHOWN),
        network=run_of(settings("network"), *SHOWN),
        inference=run_of(settings("inference"), *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/overlap_tile.png",
            caption="../report/overlap_tile.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/overlap_tile.pdf",
    log:
        "results/{dataset}/logs/figures/overlap_tile.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/overlap_tile.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    message:
        "Draw a tile"
    shell:
        "python {input.code[0]:q} --volume {input.volume}"
        " --probability {input.probability} --split {input.split}"
        " --network {input.network} --inference {input.inference}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_qualitative:
    """Show slices, truth, probability and segmentation."""
    input:
        code=code("figure_qualitative"),
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{PREDICTION}/probability.tif", *SHOWN),
        split=run_of(SPLIT, *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/qualitative.png",
            caption="../report/qualitative.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/qualitative.pdf",
    log:
        "results/{dataset}/logs/figures/qualitative.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/qualitative.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        pixel=lambda w: config["datasets"][w.dataset]["nm_per_pixel"],
    message:
        "Draw slices, probability and segmentation"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --probability {input.probability} --split {input.split}"
        " --nm-per-pixel {params.pixel} --title {wildcards.dataset}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_errors:
    """Show what the scores count on the best and the worst slice."""
    input:
        code=code("figure_errors"),
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{PREDICTION}/probability.tif", *SHOWN),
        split=run_of(SPLIT, *SHOWN),
        scores=run_of(f"{PREDICTION}/scores.csv", *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/errors.png",
            caption="../report/errors.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/errors.pdf",
    log:
        "results/{dataset}/logs/figures/errors.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/errors.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        pixel=lambda w: config["datasets"][w.dataset]["nm_per_pixel"],
    message:
        "Draw the errors"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --probability {input.probability} --split {input.split}"
        " --scores {input.scores} --nm-per-pixel {params.pixel}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_weights:
    """Show a sample, its cells, its mask and its weight map (figure 3)."""
    input:
        code=code("figure_weights"),
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=run_of(SPLIT, *SHOWN),
        statistics=run_of(STATISTICS, *SHOWN),
        augmentation=run_of(settings("augmentation"), *SHOWN),
        weights=run_of(settings("weights"), *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/weights.png",
            caption="../report/weights.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/weights.pdf",
    log:
        "results/{dataset}/logs/figures/weights.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/weights.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        seed=trainings([SHOWN])[0][2],
    message:
        "Draw the weight map"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --split {input.split} --statistics {input.statistics}"
        " --augmentation {input.augmentation} --weights {input.weights}"
        " --seed {params.seed} --output {output.png} {output.pdf} --log {log}"


rule figure_augmentation:
    """Show how the deformation grid moves a slice."""
    input:
        code=code("figure_augmentation"),
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=run_of(SPLIT, *SHOWN),
        settings=run_of(settings("augmentation"), *SHOWN),
    output:
        png=report(
            "results/{dataset}/figures/augmentation.png",
            caption="../report/augmentation.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/augmentation.pdf",
    log:
        "results/{dataset}/logs/figures/augmentation.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/augmentation.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        seed=trainings([SHOWN])[0][2],
    message:
        "Draw the augmentation"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --split {input.split} --settings {input.settings} --seed {params.seed}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_training_curves:
    """Draw loss and learning rate of every training of the reference experiment."""
    input:
        code=code("figure_training_curves"),
        histories=paths_of(f"{MODEL}/history.csv", trainings(REPORTED)),
    output:
        png=report(
            "results/{dataset}/figures/training_curves.png",
            caption="../report/training_curves.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/training_curves.pdf",
    log:
        "results/{dataset}/logs/figures/training_curves.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/training_curves.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        names=[f"seed{seed}" for _, _, seed in trainings(REPORTED)],
    message:
        "Draw the training curves"
    shell:
        "python {input.code[0]:q} --histories {input.histories} --names {params.names}"
        " --output {output.png} {output.pdf} --log {log}"


rule figure_threshold_curves:
    """Draw the scores against the threshold, on the test stack."""
    input:
        code=code("figure_threshold_curves"),
        test="results/{dataset}/tables/scores.csv",
        folds=[],
    output:
        png=report(
            "results/{dataset}/figures/threshold_curves.png",
            caption="../report/threshold_curves.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/figures/threshold_curves.pdf",
    log:
        "results/{dataset}/logs/figures/threshold_curves.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/threshold_curves.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Draw the scores against the threshold"
    shell:
        "python {input.code[0]:q} --test {input.test} --folds {input.folds}"
        " --output {output.png} {output.pdf} --log {log}"


use rule figure_threshold_curves as figure_fold_curves with:
    input:
        code=code("figure_threshold_curves"),
        test="results/{dataset}/tables/scores.csv",
        folds="results/{dataset}/tables/fold_scores.csv",
    output:
        png=report(
            "results/{dataset}/crossvalidation/threshold_curves.png",
            caption="../report/threshold_curves.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/crossvalidation/threshold_curves.pdf",
    log:
        "results/{dataset}/logs/crossvalidation/threshold_curves.log",
    benchmark:
        "results/{dataset}/benchmarks/crossvalidation/threshold_curves.tsv"
    message:
        "Draw the scores against the threshold, on the folds too"
