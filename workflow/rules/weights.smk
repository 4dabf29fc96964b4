# Stage 3: border-weight maps of the augmented labels.


rule weight_maps:
    """Weigh the borders between touching cells (equation 2)."""
    input:
        labels=f"{SAMPLES}/labels.npy",
        statistics=STATISTICS,
        weights=settings("weights"),
    output:
        output=f"{SAMPLES}/weights/{{weights}}.npy",
        seconds=benchmarks(
            "weights/{split}/{augmentation}/{weights}/seed{seed}", "json"
        ),
    log:
        logs("weights/{split}/{augmentation}/{weights}/seed{seed}"),
    cache: CACHING
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        **needs(runtime=60),
    params:
        **program("weight_maps"),
    shell:
        command("--threads {threads}")
