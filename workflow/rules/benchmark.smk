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
    """Time the border-weight map of the training labels."""
    input:
        code=code("benchmarks/benchmark_weight_map"),
        naive=SCRIPTS / "benchmarks/naive_weight_map.py",
        labels=stack("train-labels"),
    output:
        csv="results/benchmarks/{dataset}/weight_map.csv",
    log:
        "results/{dataset}/logs/benchmark/weight_map.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/weight_map.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=4000,
        runtime=30,
    message:
        "Time the weight map beside its peers"
    shell:
        "python {input.code[0]:q} --labels {input.labels} --naive {input.naive:q}"
        " --threads {threads} --csv {output.csv} --log {log}"


rule benchmark_augmentation:
    """Time an augmented sample of the first training slice."""
    input:
        code=code("benchmarks/benchmark_augmentation"),
        volume=stack("train-volume"),
        labels=stack("train-labels"),
        settings=run_of(settings("augmentation"), *SHOWN),
    output:
        csv="results/benchmarks/{dataset}/augmentation.csv",
    log:
        "results/{dataset}/logs/benchmark/augmentation.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/augmentation.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Time the augmentation beside its peers"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --labels {input.labels}"
        " --settings {input.settings} --threads {threads} --csv {output.csv}"
        " --log {log}"


rule benchmark_training_step:
    """Time a step of the paper's training and of the reference experiment's."""
    input:
        code=code("benchmarks/benchmark_training_step"),
        network=run_of(settings("network"), *SHOWN),
        training=run_of(settings("training"), *SHOWN),
        augmentation=run_of(settings("augmentation"), *SHOWN),
    output:
        csv="results/benchmarks/{dataset}/training_step.csv",
    log:
        "results/{dataset}/logs/benchmark/training_step.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/training_step.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=16000,
        runtime=60,
    message:
        "Time the training step beside its peers"
    shell:
        "python {input.code[0]:q} --network {input.network} --training {input.training}"
        " --augmentation {input.augmentation} --threads {threads} --csv {output.csv}"
        " --log {log}"


rule benchmark_inference:
    """Time the paper's network on a whole slice, on several runtimes."""
    input:
        code=code("benchmarks/benchmark_inference"),
        volume=stack("test-volume"),
    output:
        csv="results/benchmarks/{dataset}/inference.csv",
    log:
        "results/{dataset}/logs/benchmark/inference.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/inference.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=8000,
        runtime=60,
    message:
        "Time the inference beside its peers"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --threads {threads}"
        " --csv {output.csv} --log {log}"


rule benchmark_tiling:
    """Time a whole slice in one pass, in tiles and in sliding windows."""
    input:
        code=code("benchmarks/benchmark_tiling"),
        volume=stack("test-volume"),
        network=run_of(settings("network"), *SHOWN),
    output:
        csv="results/benchmarks/{dataset}/tiling.csv",
    log:
        "results/{dataset}/logs/benchmark/tiling.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/tiling.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=8000,
        runtime=60,
    message:
        "Time the tiling beside its peers"
    shell:
        "python {input.code[0]:q} --volume {input.volume} --network {input.network}"
        " --threads {threads} --csv {output.csv} --log {log}"


rule benchmark_metrics:
    """Time the five metrics on the reference prediction of the test stack."""
    input:
        code=code("benchmarks/benchmark_metrics"),
        naive=SCRIPTS / "benchmarks/naive_metrics.py",
        labels=stack("test-labels"),
        probability=run_of(f"{PREDICTION}/probability.tif", *SHOWN),
    output:
        csv="results/benchmarks/{dataset}/metrics.csv",
    log:
        "results/{dataset}/logs/benchmark/metrics.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/metrics.tsv"
    conda:
        ENVIRONMENT
    threads: ALL_CORES
    resources:
        mem_mb=2000,
        runtime=60,
    message:
        "Time the metrics beside their peers"
    shell:
        "python {input.code[0]:q} --labels {input.labels} --proposal {input.probability}"
        " --naive {input.naive:q} --threads {threads} --csv {output.csv} --log {log}"


rule table_benchmarks:
    """Put the timings of all parts into one table."""
    input:
        code=code("table_benchmarks"),
        timings=expand(
            "results/benchmarks/{{dataset}}/{part}.csv",
            part=BENCHMARKED,
        ),
    output:
        csv="results/benchmarks/{dataset}/benchmarks.csv",
        markdown=report(
            "results/benchmarks/{dataset}/benchmarks.md",
            caption="../report/benchmarks.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/benchmark/table.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark/table.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Put the timings into one table"
    shell:
        "python {input.code[0]:q} --timings {input.timings} --csv {output.csv}"
        " --markdown {output.markdown} --log {log}"
