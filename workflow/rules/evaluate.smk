# Stage 6: the challenge's metrics, and the tables.


rule evaluate:
    """Score one prediction: pixel, Rand and warping error, V_Rand, V_Info."""
    input:
        code=code("evaluate"),
        labels=lambda w: stack("test-labels" if w.split == "test" else "train-labels"),
        probability=f"{PREDICTION}/probability.tif",
        split=SPLIT,
    output:
        json=f"{PREDICTION}/scores.json",
        table=f"{PREDICTION}/scores.csv",
    log:
        "results/{dataset}/logs/evaluate/{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}.log",
    benchmark:
        "results/{dataset}/benchmarks/evaluate/{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        mem_mb=2000,
        runtime=60,
    message:
        "Score the prediction: {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} --labels {input.labels} --split {input.split}"
        " --proposal {input.probability} --output {output.json}"
        " --table {output.table} --threads {threads} --log {log}"


rule scores:
    """Join the scores of several runs in one tidy table."""
    input:
        code=code("table_scores"),
        scores=paths_of(f"{PREDICTION}/scores.csv", REPORTED),
    output:
        csv="results/{dataset}/tables/scores.csv",
    log:
        "results/{dataset}/logs/scores.log",
    benchmark:
        "results/{dataset}/benchmarks/scores.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        runs=identities(REPORTED),
    message:
        "Join the scores"
    shell:
        "python {input.code[0]:q} --scores {input.scores} --columns-json {params.runs:q}"
        " --output {output.csv} --log {log}"


use rule scores as experiment_scores with:
    input:
        code=code("table_scores"),
        scores=paths_of(f"{PREDICTION}/scores.csv", COMPARED),
    output:
        csv="results/{dataset}/experiments/scores.csv",
    log:
        "results/{dataset}/logs/experiment_scores.log",
    benchmark:
        "results/{dataset}/benchmarks/experiment_scores.tsv"
    params:
        runs=identities(COMPARED),
    message:
        "Join the scores of all experiments"


use rule scores as paced_scores with:
    input:
        code=code("table_scores"),
        scores=paths_of(f"{PREDICTION}/scores.csv", PACED),
    output:
        csv="results/{dataset}/experiments/paced_scores.csv",
    log:
        "results/{dataset}/logs/paced_scores.log",
    benchmark:
        "results/{dataset}/benchmarks/paced_scores.tsv"
    params:
        runs=identities(PACED),
    message:
        "Join the scores of the trainings of different length"


use rule scores as fold_scores with:
    input:
        code=code("table_scores"),
        scores=paths_of(f"{PREDICTION}/scores.csv", HELD_OUT),
    output:
        csv="results/{dataset}/tables/fold_scores.csv",
    log:
        "results/{dataset}/logs/fold_scores.log",
    benchmark:
        "results/{dataset}/benchmarks/fold_scores.tsv"
    params:
        runs=identities(HELD_OUT),
    message:
        "Join the scores of the folds"


rule thresholds:
    """Score the test stack at the thresholds that cross-validation chose."""
    input:
        code=code("table_thresholds"),
        folds="results/{dataset}/tables/fold_scores.csv",
        test="results/{dataset}/tables/scores.csv",
    output:
        csv="results/{dataset}/tables/thresholds.csv",
        markdown=report(
            "results/{dataset}/tables/thresholds.md",
            caption="../report/thresholds.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/thresholds.log",
    benchmark:
        "results/{dataset}/benchmarks/thresholds.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Write the scores at cross-validated thresholds"
    shell:
        "python {input.code[0]:q} --folds {input.folds} --test {input.test}"
        " --csv {output.csv} --markdown {output.markdown} --log {log}"


rule table1:
    """Set our scores beside the paper's Table 1."""
    input:
        code=code("table1"),
        scores="results/{dataset}/tables/scores.csv",
    output:
        csv="results/{dataset}/tables/table1.csv",
        markdown=report(
            "results/{dataset}/tables/table1.md",
            caption="../report/table1.rst",
            category="{dataset}",
        ),
        latex="results/{dataset}/tables/table1.tex",
    log:
        "results/{dataset}/logs/table1.log",
    benchmark:
        "results/{dataset}/benchmarks/table1.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        experiment=REFERENCE,
        submission=lambda w: run_of(f"{PREDICTION}/probability.tif", *SHOWN).format(
            dataset=w.dataset
        ),
    message:
        "Write table 1"
    shell:
        "python {input.code[0]:q} --scores {input.scores} --dataset {wildcards.dataset}"
        " --experiment {params.experiment} --submission {params.submission}"
        " --csv {output.csv} --markdown {output.markdown} --latex {output.latex}"
        " --log {log}"


rule experiment_summary:
    """Compare the experiments: mean and spread of each score."""
    input:
        code=code("table_experiments"),
        scores="results/{dataset}/experiments/scores.csv",
    output:
        csv="results/{dataset}/experiments/summary.csv",
        markdown=report(
            "results/{dataset}/experiments/summary.md",
            caption="../report/summary.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/experiment_summary.log",
    benchmark:
        "results/{dataset}/benchmarks/experiment_summary.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    message:
        "Compare the experiments"
    shell:
        "python {input.code[0]:q} --scores {input.scores} --csv {output.csv}"
        " --markdown {output.markdown} --log {log}"
