# Beside the stages: what the experiments say, against the reference.

COMPARISON = [
    "results/{dataset}/experiments/effects.md",
    "results/{dataset}/experiments/forest.png",
    "results/{dataset}/experiments/summary.md",
]
if len(differing_in_steps(config)) > 1:
    COMPARISON.append("results/{dataset}/experiments/time_to_accuracy.png")


rule effects:
    """Compare every experiment with the reference, slice by slice."""
    input:
        code=code("table_effects"),
        scores="results/{dataset}/experiments/scores.csv",
    output:
        csv="results/{dataset}/experiments/effects.csv",
        markdown=report(
            "results/{dataset}/experiments/effects.md",
            caption="../report/effects.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/effects.log",
    benchmark:
        "results/{dataset}/benchmarks/effects.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        reference=REFERENCE,
        claims=json.dumps(CLAIMS),
    message:
        "Compare the experiments with {params.reference}"
    shell:
        "python {input.code[0]:q} --scores {input.scores} --reference {params.reference}"
        " --claims-json {params.claims:q} --csv {output.csv}"
        " --markdown {output.markdown} --log {log}"


rule figure_forest:
    """Draw the effect of each experiment with its interval."""
    input:
        code=code("figure_forest"),
        effects="results/{dataset}/experiments/effects.csv",
    output:
        png=report(
            "results/{dataset}/experiments/forest.png",
            caption="../report/forest.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/experiments/forest.pdf",
    log:
        "results/{dataset}/logs/figures/forest.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/forest.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        reference=REFERENCE,
    message:
        "Draw the effects of the experiments"
    shell:
        "python {input.code[0]:q} --effects {input.effects}"
        " --reference {params.reference} --output {output.png} {output.pdf} --log {log}"


rule figure_time_to_accuracy:
    """Draw scores against the time that training took."""
    input:
        code=code("figure_time_to_accuracy"),
        scores="results/{dataset}/experiments/paced_scores.csv",
        runs=paths_of(f"{MODEL}/run.json", trainings(PACED)),
    output:
        png=report(
            "results/{dataset}/experiments/time_to_accuracy.png",
            caption="../report/time_to_accuracy.rst",
            category="{dataset}",
        ),
        pdf="results/{dataset}/experiments/time_to_accuracy.pdf",
    log:
        "results/{dataset}/logs/figures/time_to_accuracy.log",
    benchmark:
        "results/{dataset}/benchmarks/figures/time_to_accuracy.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        runs=identities(repeated(PACED)),
    message:
        "Draw scores against minutes of training"
    shell:
        "python {input.code[0]:q} --scores {input.scores} --runs {input.runs}"
        " --columns-json {params.runs:q} --output {output.png} {output.pdf} --log {log}"
