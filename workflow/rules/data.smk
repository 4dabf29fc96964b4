# Stage 1: four verified stacks, and the slices of each split.

STACKS = ["train-volume", "train-labels", "test-volume", "test-labels"]
DATA = {
    **{name.replace("-", "_"): stack(name) for name in STACKS},
    "provenance": "results/{dataset}/data/provenance.json",
}


rule download:
    """Fetch ISBI 2012 from a mirror or the archive and verify every pixel."""
    output:
        **DATA,
    log:
        logs("download"),
    wildcard_constraints:
        dataset=datasets_from("isbi2012"),
    cache: CACHING and "omit-software"  # every pixel is verified
    localrule: True  # nodes of many clusters have no network
    conda:
        ENVIRONMENT
    params:
        **program("download"),
    shell:
        command()


rule phantom:
    """Generate the embedded phantom."""
    input:
        settings="results/{dataset}/settings/dataset.json",
    output:
        **DATA,
    log:
        logs("phantom"),
    benchmark:
        benchmarks("phantom")
    wildcard_constraints:
        dataset=datasets_from("phantom"),
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("phantom"),
    shell:
        command()


rule import_stacks:
    """Check your own stacks and bring them into the workflow."""
    input:
        settings="results/{dataset}/settings/dataset.json",
        also=lambda w: [ancient(local(path)) for path in own_files(w)],
    output:
        **DATA,
        fingerprints=FINGERPRINTS,
    log:
        logs("import_stacks"),
    benchmark:
        benchmarks("import_stacks")
    wildcard_constraints:
        dataset=datasets_from("files"),
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("import_stacks"),
        contents=own_contents,
        interior=lambda w: config["datasets"][w.dataset]["interior"],
        intensity_range=own_range,
    shell:
        command("--interior {params.interior} {params.intensity_range}")


rule split:
    """List the slices that a split trains on and those that it scores."""
    input:
        train_volume=stack("train-volume"),
        test_volume=stack("test-volume"),
        also=usable,
    output:
        output=SPLIT,
    log:
        logs("splits/{split}"),
    benchmark:
        benchmarks("splits/{split}")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("split"),
        name=lambda w: w.split,
        folds=config["run"]["folds"],
    shell:
        command("--name {params.name} --folds {params.folds}")
