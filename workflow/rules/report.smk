# Stage 8: where the numbers come from, and the page that shows them.

TABLE1 = "results/{dataset}/tables/table1.md"
FIGURES = [
    "results/{dataset}/figures/architecture.png",
    "results/{dataset}/figures/overlap_tile.png",
    "results/{dataset}/figures/weights.png",
    "results/{dataset}/figures/augmentation.png",
    "results/{dataset}/figures/training_curves.png",
    "results/{dataset}/figures/qualitative.png",
    "results/{dataset}/figures/errors.png",
]
CURVES = "results/{dataset}/figures/threshold_curves.png"
RUN_TIMES = "results/{dataset}/tables/run_times.md"
THRESHOLDS = "results/{dataset}/tables/thresholds.md"
FOLD_CURVES = "results/{dataset}/crossvalidation/threshold_curves.png"
SPEED = ["results/benchmarks/{dataset}/benchmarks.md"]
if PARITY:
    SPEED.append("results/{dataset}/tables/parity.md")

REPORT = [TABLE1, *FIGURES, CURVES, RUN_TIMES]
PAGES = {
    "report": REPORT,
    "experiments": [*COMPARISON, *REPORT],
    "crossvalidation": [TABLE1, THRESHOLDS, *FIGURES, FOLD_CURVES, RUN_TIMES],
    "benchmarks": [*REPORT, *SPEED],
}
"""What each page shows: the report, and the report with what a target adds to it."""

BY_TRAINING = [rules.training_statistics, rules.augment, rules.weight_maps, rules.train]
if REFERENCE_SETTINGS["augmentation"]["on_the_fly"]:
    del BY_TRAINING[1:3]

MEASUREMENTS = dict.fromkeys(
    path
    for stages, chosen in (
        (BY_TRAINING, trainings(REPORTED)),
        ([rules.predict, rules.evaluate], REPORTED),
    )
    for stage in stages
    for path in paths_of(stage.benchmark, chosen)
)
"""What Snakemake measured of each stage; no inputs, as results travel without them."""


rule table_run_times:
    """Tell what each stage of the reference experiment took."""
    input:
        code=code("table_run_times"),
        scores=paths_of(f"{PREDICTION}/scores.csv", REPORTED),
    output:
        markdown=report(
            "results/{dataset}/tables/run_times.md",
            caption="../report/run_times.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/table_run_times.log",
    benchmark:
        "results/{dataset}/benchmarks/table_run_times.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        measurements=lambda w: [path.format(dataset=w.dataset) for path in MEASUREMENTS],
    message:
        "Write the table of run times"
    shell:
        "python {input.code[0]:q} --benchmarks {params.measurements}"
        " --output {output.markdown} --log {log}"


rule provenance:
    """Record commit, settings, versions, device, seeds and data hashes."""
    input:
        code=code("provenance"),
        data="results/{dataset}/data/provenance.json",
        runs=paths_of(f"{MODEL}/run.json", trainings(REPORTED)),
        predictions=paths_of(f"{PREDICTION}/run.json", REPORTED),
        settings=[run_of(settings(stage), *SHOWN) for stage in STAGES],
        scores="results/{dataset}/tables/scores.csv",
    output:
        json="results/{dataset}/provenance.json",
    log:
        "results/{dataset}/logs/provenance.log",
    benchmark:
        "results/{dataset}/benchmarks/provenance.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Record the provenance"
    shell:
        "python {input.code[0]:q} --data {input.data} --runs {input.runs}"
        " --predictions {input.predictions} --settings {input.settings} --output {output.json} --log {log}"


rule report:
    """Write one self-contained page: table, figures, captions, provenance."""
    input:
        code=code("report"),
        captions=lambda w: [
            os.path.relpath(ROOT / f"workflow/report/{Path(result).stem}.rst")
            for result in PAGES[w.page]
        ],
        results=lambda w: PAGES[w.page],
        provenance="results/{dataset}/provenance.json",
    output:
        html="results/{dataset}/{page}.html",
    log:
        "results/{dataset}/logs/{page}.log",
    benchmark:
        "results/{dataset}/benchmarks/{page}.tsv"
    wildcard_constraints:
        page="|".join(PAGES),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Write the page: {wildcards.page}"
    shell:
        "python {input.code[0]:q} --dataset {wildcards.dataset} --results {input.results}"
        " --captions {input.captions:q}"
        " --provenance {input.provenance} --output {output.html} --log {log}"
