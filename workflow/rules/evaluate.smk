# Stage 7: the challenge's metrics, and the tables.


rule evaluate:
    """Score one prediction: pixel, Rand and warping error, V_Rand, V_Info."""
    input:
        labels=lambda w: stack("test-labels" if w.split == "test" else "train-labels"),
        probability=f"{SCORED}/probability.tif",
        split=SPLIT,
    output:
        output=f"{SCORED}/scores.json",
        scores=f"{SCORED}/scores.csv",
    log:
        logs(f"evaluate/{SCORED_RUN}"),
    benchmark:
        benchmarks(f"evaluate/{SCORED_RUN}")
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        **needs(runtime=60),
    params:
        **program("evaluate"),
    shell:
        command("--threads {threads}")


rule scores:
    """Join the scores of the runs of a list in one tidy table."""
    input:
        runs="results/{dataset}/runs/{runs}.json",
        also=lambda w: [run["scores"] for run in LISTED[w.runs]],
    output:
        output="results/{dataset}/scores/{runs}.csv",
    log:
        logs("scores/{runs}"),
    benchmark:
        benchmarks("scores/{runs}")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_scores"),
    shell:
        command()


rule thresholds:
    """Score the test stack at the thresholds that cross-validation chose."""
    input:
        fold_scores="results/{dataset}/scores/folds.csv",
        scores="results/{dataset}/scores/reference.csv",
    output:
        **table("tables/thresholds"),
    log:
        logs("thresholds"),
    benchmark:
        benchmarks("thresholds")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_thresholds"),
    shell:
        command()


rule table1:
    """Set our scores beside the paper's Table 1."""
    input:
        scores="results/{dataset}/scores/"
        + ("table1.csv" if config["run"]["table1"] else "reference.csv"),
    output:
        **table("tables/table1"),
        latex="results/{dataset}/tables/table1.tex",
    log:
        logs("table1"),
    benchmark:
        benchmarks("table1")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table1"),
        experiments=IN_TABLE1,
        partitioned=PARTITIONED,
        submission=lambda w: expand(
            PREFIX + run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
            dataset=w.dataset,
        ),
    shell:
        command(
            "--dataset {wildcards.dataset} --experiments {params.experiments}"
            " --partitioned {params.partitioned} --submission {params.submission}"
        )
