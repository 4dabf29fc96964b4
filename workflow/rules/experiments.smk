# Beside the stages: what the experiments say, against the reference.

COMPARISON = [
    "results/{dataset}/experiments/effects.md",
    "results/{dataset}/experiments/forest.png",
    "results/{dataset}/experiments/summary.md",
]
if len(differing_in_steps(config)) > 1:
    COMPARISON.append("results/{dataset}/experiments/time_to_accuracy.png")


rule experiment_summary:
    """Compare the experiments: mean and spread of each score."""
    input:
        scores="results/{dataset}/scores/experiments.csv",
    output:
        **table("experiments/summary"),
    log:
        logs("experiment_summary"),
    benchmark:
        benchmarks("experiment_summary")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("table_experiments"),
    shell:
        command()


rule effects:
    """Compare every experiment with the reference or another one, slice by slice."""
    input:
        scores="results/{dataset}/scores/experiments.csv",
    output:
        **table("experiments/effects"),
        rows="results/{dataset}/experiments/rows.csv",
        output=figure("experiments/forest"),
    log:
        logs("effects"),
    benchmark:
        benchmarks("effects")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("table_effects"),
        reference=REFERENCE,
        against=AGAINST,
    shell:
        command("--reference {params.reference} --against {params.against}")


rule figure_time_to_accuracy:
    """Draw scores against the time that training took."""
    input:
        scores="results/{dataset}/scores/step-sweep.csv",
        runs="results/{dataset}/runs/step-sweep.json",
        also=paths_of(f"{MODEL}/run.json", trainings(STEP_SWEEP_RUNS)),
    output:
        output=figure("experiments/time_to_accuracy"),
    log:
        logs("figures/time_to_accuracy"),
    benchmark:
        benchmarks("figures/time_to_accuracy")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_time_to_accuracy"),
    shell:
        command()
