# Stage 3: border-weight maps of the augmented labels.


rule cached_weight_maps:
    """Weigh the borders between touching cells (equation 2)."""
    input:
        code=code("weight_maps"),
        labels=f"{SAMPLES}/labels.npy",
        statistics=STATISTICS,
        settings=settings("weights"),
    output:
        weights=f"{SAMPLES}/weights/{{weights}}.npy",
    log:
        "results/{dataset}/logs/weights/{split}/{augmentation}/{weights}/seed{seed}.log",
    cache: CACHING
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    message:
        "Compute weight maps: {wildcards.weights}, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} --labels {input.labels} --settings {input.settings}"
        " --statistics {input.statistics} --output {output.weights}"
        " --threads {threads} --log {log}"


use rule cached_weight_maps as weight_maps with:
    benchmark:
        "results/{dataset}/benchmarks/weights/{split}/{augmentation}/{weights}/seed{seed}.tsv"
    cache: False
