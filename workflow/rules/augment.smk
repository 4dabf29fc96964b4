# Stage 2: augmented samples as memory-mapped arrays. Samples that are drawn
# during the training instead (`on_the_fly`) never come here.


rule training_statistics:
    """Measure grey levels and class frequency of the training slices."""
    input:
        code=code("training_statistics"),
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=SPLIT,
    output:
        json=STATISTICS,
    log:
        "results/{dataset}/logs/statistics/{split}.log",
    benchmark:
        "results/{dataset}/benchmarks/statistics/{split}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    message:
        "Measure the training slices of split {wildcards.split}"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --split {input.split} --output {output.json} --log {log}"


rule cached_augment:
    """Draw training samples: elastic deformation, rotation, grey values."""
    input:
        code=code("augment"),
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        split=SPLIT,
        settings=settings("augmentation"),
    output:
        images=f"{SAMPLES}/images.npy",
        labels=f"{SAMPLES}/labels.npy",
    log:
        "results/{dataset}/logs/augment/{split}/{augmentation}/seed{seed}.log",
    wildcard_constraints:
        augmentation=augmentations(on_the_fly=False),
    cache: CACHING
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        seed=lambda w: w.seed,
    message:
        "Draw augmented samples: {wildcards.augmentation}, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --split {input.split} --settings {input.settings} --seed {params.seed}"
        " --images {output.images} --sample-labels {output.labels}"
        " --threads {threads} --log {log}"


use rule cached_augment as augment with:
    benchmark:
        "results/{dataset}/benchmarks/augment/{split}/{augmentation}/seed{seed}.tsv"
    cache: False
