# Beside the stages: how fast the parts are, next to what users would pick instead
# and to what cannot be avoided. `make benchmark` installs what users would pick.

BENCHMARKED = [
    "weight_map",
    "augmentation",
    "training_step",
    "inference",
    "tiling",
    "metrics",
]

# A job that claims every core runs beside no other; a cluster, where no number of
# cores is given, has to keep its node free itself.
ALL_CORES = workflow.cores or 2


rule benchmark_weight_map:
    """Time a part of the workflow beside its peers; its program says which."""
    input:
        labels=stack("train-labels"),
    output:
        csv="results/benchmarks/{dataset}/weight_map.csv",
    log:
        logs("benchmark/weight_map"),
    benchmark:
        benchmarks("benchmark/weight_map")
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        **needs(mem_mb=4000),
    params:
        **program("benchmarks/benchmark_weight_map"),
    shell:
        command("--threads {threads}")


use rule benchmark_weight_map as benchmark_augmentation with:
    input:
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        augmentation=run_of(settings("augmentation"), *EXAMPLE_RUN),
        weights=run_of(settings("weights"), *EXAMPLE_RUN),
    output:
        csv="results/benchmarks/{dataset}/augmentation.csv",
    log:
        logs("benchmark/augmentation"),
    benchmark:
        benchmarks("benchmark/augmentation")
    resources:
        **needs(),
    params:
        **program("benchmarks/benchmark_augmentation"),


use rule benchmark_weight_map as benchmark_training_step with:
    input:
        network=run_of(settings("network"), *EXAMPLE_RUN),
        training=run_of(settings("training"), *EXAMPLE_RUN),
        augmentation=run_of(settings("augmentation"), *EXAMPLE_RUN),
    output:
        csv="results/benchmarks/{dataset}/training_step.csv",
    log:
        logs("benchmark/training_step"),
    benchmark:
        benchmarks("benchmark/training_step")
    resources:
        **needs(16000, 60),
    params:
        **program("benchmarks/benchmark_training_step"),


use rule benchmark_weight_map as benchmark_inference with:
    input:
        volume=stack("test-volume"),
    output:
        csv="results/benchmarks/{dataset}/inference.csv",
    log:
        logs("benchmark/inference"),
    benchmark:
        benchmarks("benchmark/inference")
    resources:
        **needs(8000, 60),
    params:
        **program("benchmarks/benchmark_inference"),


use rule benchmark_weight_map as benchmark_tiling with:
    input:
        volume=stack("test-volume"),
        network=run_of(settings("network"), *EXAMPLE_RUN),
    output:
        csv="results/benchmarks/{dataset}/tiling.csv",
    log:
        logs("benchmark/tiling"),
    benchmark:
        benchmarks("benchmark/tiling")
    resources:
        **needs(8000, 60),
    params:
        **program("benchmarks/benchmark_tiling"),


use rule benchmark_weight_map as benchmark_metrics with:
    input:
        labels=stack("test-labels"),
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
    output:
        csv="results/benchmarks/{dataset}/metrics.csv",
    log:
        logs("benchmark/metrics"),
    benchmark:
        benchmarks("benchmark/metrics")
    resources:
        **needs(runtime=60),
    params:
        **program("benchmarks/benchmark_metrics"),


rule table_benchmarks:
    """Put the timings of all parts into one table."""
    input:
        timings=[f"results/benchmarks/{{dataset}}/{part}.csv" for part in BENCHMARKED],
    output:
        csv="results/benchmarks/{dataset}/benchmarks.csv",
        markdown=report(
            "results/benchmarks/{dataset}/benchmarks.md",
            caption="../report/benchmarks.rst",
            category="{dataset}",
        ),
    log:
        logs("benchmark/table"),
    benchmark:
        benchmarks("benchmark/table")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("table_benchmarks"),
    shell:
        command()
