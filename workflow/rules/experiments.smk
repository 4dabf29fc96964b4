# Beside the stages: what the experiments say, against the reference.

COMPARISON = [
    "results/{dataset}/experiments/effects.md",
    "results/{dataset}/experiments/forest.png",
    "results/{dataset}/experiments/summary.md",
]
if "test" not in config["run"]["splits"]:
    COMPARISON.append("results/{dataset}/experiments/choices.md")
if len(STEP_SWEEP) > 1:
    COMPARISON.append("results/{dataset}/experiments/time_to_accuracy.png")

ROWS = "results/{dataset}/experiments/rows.csv"


use rule settings as experiment_runs with:
    output:
        json="results/{dataset}/experiments/{gathered}.json",
    log:
        logs("experiments/{gathered}_runs"),
    wildcard_constraints:
        gathered="rows|finished",
    localrule: True
    params:
        json=lambda w: listed(runs_of_rows(w.dataset, w.gathered), w.dataset),


rule rows:
    """Gather the runs of the experiments, one row each, with those that are known."""
    input:
        runs="results/{dataset}/experiments/{gathered}.json",
        known=KNOWN_ROWS,
        also=lambda w: needed_of_rows(w.dataset, w.gathered),
    output:
        csv="results/{dataset}/experiments/{gathered}.csv",
    log:
        logs("experiments/{gathered}"),
    benchmark:
        benchmarks("experiments/{gathered}")
    wildcard_constraints:
        gathered="rows|finished",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_rows"),
    shell:
        command()


rule experiment_summary:
    """Compare the experiments: mean and spread of each score."""
    input:
        rows=ROWS,
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
    """Compare every experiment with the reference or another one, run by run."""
    input:
        rows=ROWS,
    output:
        **table("experiments/effects"),
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


rule choices:
    """Tell which experiments may take the place of the reference."""
    input:
        rows=ROWS,
    output:
        **table("experiments/choices"),
    log:
        logs("choices"),
    benchmark:
        benchmarks("choices")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_choices"),
        reference=REFERENCE,
        against=AGAINST,
    shell:
        command("--reference {params.reference} --against {params.against}")


rule figure_time_to_accuracy:
    """Draw scores against the time that training took."""
    input:
        rows=ROWS,
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
        experiments=STEP_SWEEP,
    shell:
        command("--experiments {params.experiments}")
