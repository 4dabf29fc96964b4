# Beside the stages: how fast the parts are, next to what users would pick instead.


rule benchmark_metrics:
    """Time the five metrics on the reference prediction of the test stack."""
    input:
        code=code("benchmark_metrics"),
        naive=os.path.relpath(ROOT / "tests/unit/metrics/reference.py"),
        labels=stack("test-labels"),
        probability=run_of(f"{PREDICTION}/probability.tif", *SHOWN),
    output:
        csv="results/benchmarks/{dataset}/benchmark_metrics.csv",
        markdown=report(
            "results/benchmarks/{dataset}/benchmark_metrics.md",
            caption="../report/benchmark_metrics.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/benchmark_metrics.log",
    benchmark:
        "results/{dataset}/benchmarks/benchmark_metrics.tsv"
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    message:
        "Time the metrics beside their peers"
    shell:
        "python {input.code[0]} --labels {input.labels} --proposal {input.probability}"
        " --naive {input.naive} --csv {output.csv} --markdown {output.markdown}"
        " --log {log}"
