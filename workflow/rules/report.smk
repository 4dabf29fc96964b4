# Stage 9: where the numbers come from, and the page that shows them.

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
if PARTITIONED:
    FIGURES.append("results/{dataset}/figures/partition.png")
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


OF_TRAININGS = [rules.training_statistics.benchmark, rules.train.benchmark]
if not REFERENCE_SETTINGS["augmentation"]["on_the_fly"]:
    OF_TRAININGS[1:1] = [rules.augment.output.seconds, rules.weight_maps.output.seconds]
OF_RUNS = [rules.predict.benchmark, rules.evaluate.benchmark]

MEASUREMENTS = [
    *dict.fromkeys(
        path
        for patterns, chosen in (
            (OF_TRAININGS, trainings(REFERENCE_RUNS)),
            (OF_RUNS, REFERENCE_RUNS),
        )
        for pattern in patterns
        for path in paths_of(pattern, chosen)
    )
]
"""What was measured of each stage; no inputs, as results travel without them."""


rule table_run_times:
    """Tell what each stage of the reference experiment took."""
    input:
        also=paths_of(f"{SCORED}/scores.csv", REFERENCE_RUNS),
    output:
        output=shown("tables/run_times.md"),
    log:
        logs("table_run_times"),
    benchmark:
        benchmarks("table_run_times")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("table_run_times"),
        measurements=lambda w: expand(MEASUREMENTS, dataset=w.dataset),
    shell:
        command("--benchmarks {params.measurements}")


rule provenance:
    """Record commit, settings, versions, device, seeds and data hashes."""
    input:
        provenance="results/{dataset}/data/provenance.json",
        run=paths_of(f"{MODEL}/run.json", trainings(REFERENCE_RUNS)),
        prediction_run=paths_of(f"{PREDICTION}/run.json", REFERENCE_RUNS),
        settings=[run_of(settings(stage), *EXAMPLE_RUN) for stage in STAGES],
        also="results/{dataset}/scores/reference.csv",
    output:
        output="results/{dataset}/provenance.json",
    log:
        logs("provenance"),
    benchmark:
        benchmarks("provenance")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("provenance"),
    shell:
        command()


rule report:
    """Write one self-contained page: table, figures, captions, provenance."""
    input:
        results=shown_on,
        provenance="results/{dataset}/provenance.json",
        check=CHECK_PAGE,
        slices=SLICES_PAGE,
    output:
        output="results/{dataset}/{page}.html",
    log:
        logs("{page}"),
    benchmark:
        benchmarks("{page}")
    wildcard_constraints:
        page="|".join(PAGES),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("report"),
        texts=lambda w: content_version(captions_of(shown_on(w))),
        captions=lambda w, output: [
            os.path.relpath(path) for path in captions_of(shown_on(w))
        ],
    shell:
        command("--dataset {wildcards.dataset} --captions {params.captions:q}")
