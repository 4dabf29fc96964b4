# Stage 2: augmented samples as memory-mapped arrays. Samples that are drawn during the
# training instead (`on_the_fly`) never come here.


rule training_statistics:
    """Measure grey levels and class frequency of the training slices."""
    input:
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=SPLIT,
        provenance=DATA["provenance"],
    output:
        output=STATISTICS,
    log:
        logs("statistics/{split}"),
    benchmark:
        benchmarks("statistics/{split}")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("training_statistics"),
    shell:
        command()


rule augment:
    """Draw training samples: elastic deformation, rotation, grey values."""
    input:
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=SPLIT,
        augmentation=settings("augmentation"),
    output:
        sample_images=f"{SAMPLES}/images.npy",
        sample_labels=f"{SAMPLES}/labels.npy",
        seconds=benchmarks("augment/{split}/{augmentation}/seed{seed}", "json"),
    log:
        logs("augment/{split}/{augmentation}/seed{seed}"),
    cache: CACHING
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        **needs(runtime=60),
    params:
        **program("augment"),
        seed=lambda w: w.seed,
    shell:
        command("--seed {params.seed} --threads {threads}")
