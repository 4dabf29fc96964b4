# Beside the stages: every claim of the paper, by a rule that was written down before.

CLAIMS = ["results/{dataset}/claims/{part}/claims.png"]
CLAIMS += ["results/{dataset}/claims/{part}/claims.md"]
CLAIMS += ["results/{dataset}/claims/{part}/claim_scores.md"]


wildcard_constraints:
    part="pilot|primary|all|finished",


rule score_further:
    """Score what claims speak of beyond the challenge."""
    input:
        labels=lambda w: stack("test-labels" if w.split == "test" else "train-labels"),
        probability=f"{SCORED}/probability.tif",
        split=SPLIT,
        scores=f"{SCORED}/scores.json",
    output:
        output=f"{SCORED}/further.json",
    log:
        logs(f"score_further/{SCORED_RUN}"),
    benchmark:
        benchmarks(f"score_further/{SCORED_RUN}")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("score_further"),
    shell:
        command()


use rule settings as claim_runs with:
    output:
        json="results/{dataset}/claims/{part}/runs.json",
    log:
        logs("claims/{part}/runs"),
    localrule: True
    params:
        json=lambda w: listed(claimed(w.dataset, w.part), w.dataset),


rule claims:
    """Gather the trainings that test claims, and give the verdicts."""
    input:
        runs="results/{dataset}/claims/{part}/runs.json",
        known=lambda w: known_claims(w.dataset),
        also=lambda w: needed_of_claims(w.dataset, w.part),
    output:
        csv="results/{dataset}/claims/{part}/rows.csv",
        markdown=shown("claims/{part}/claims.md"),
        scores=shown("claims/{part}/claim_scores.md"),
    log:
        logs("claims/{part}/claims"),
    benchmark:
        benchmarks("claims/{part}/claims")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_claims"),
        texts=lambda w: content_version(DESIGN),
        design=lambda w, output: [os.path.relpath(path) for path in DESIGN],
    shell:
        command("--design {params.design:q}")


rule figure_claims:
    """Draw difference, interval, margin and every pair of each claim."""
    input:
        rows="results/{dataset}/claims/{part}/rows.csv",
    output:
        output=figure("claims/{part}/claims"),
    log:
        logs("figures/claims/{part}"),
    benchmark:
        benchmarks("figures/claims/{part}")
    conda:
        ENVIRONMENT
    resources:
        **needs(),
    params:
        **program("figure_claims"),
        texts=lambda w: content_version(DESIGN),
        design=lambda w, output: [os.path.relpath(path) for path in DESIGN],
    shell:
        command("--design {params.design:q}")
