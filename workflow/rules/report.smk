# Stage 8: where the numbers come from, and the page that shows them.

FIGURES = ["qualitative", "errors", "training_curves", "augmentation", "weights"]
CAPTIONS = [f"{workflow.basedir}/report/{name}.rst" for name in ["table1", *FIGURES]]


rule provenance:
    """Record commit, settings, versions, device, seeds and data hashes."""
    input:
        code=code("provenance"),
        data="results/{dataset}/data/provenance.json",
        runs=paths_of(f"{MODEL}/run.json", REPORTED),
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
        "python {input.code[0]} --data {input.data} --runs {input.runs}"
        " --settings {input.settings} --output {output.json} --log {log}"


rule report:
    """Write one self-contained page: table, figures, captions, provenance."""
    input:
        code=code("report"),
        captions=[os.path.relpath(path) for path in CAPTIONS],
        table="results/{dataset}/tables/table1.md",
        figures=[f"results/{{dataset}}/figures/{name}.png" for name in FIGURES],
        provenance="results/{dataset}/provenance.json",
    output:
        html="results/{dataset}/report.html",
    log:
        "results/{dataset}/logs/report.log",
    benchmark:
        "results/{dataset}/benchmarks/report.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Write the report"
    shell:
        "python {input.code[0]} --dataset {wildcards.dataset} --table {input.table}"
        " --figures {input.figures} --captions {input.captions}"
        " --provenance {input.provenance} --output {output.html} --log {log}"
