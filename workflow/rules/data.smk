# Stage 1: four verified stacks, and the slices of each split.


rule cached_download:
    """Fetch ISBI 2012 from a mirror or the archive and verify every pixel."""
    input:
        code=code("download"),
    output:
        train_volume=stack("train-volume"),
        train_labels=stack("train-labels"),
        test_volume=stack("test-volume"),
        test_labels=stack("test-labels"),
        provenance="results/{dataset}/data/provenance.json",
    log:
        "results/{dataset}/logs/download.log",
    wildcard_constraints:
        dataset=datasets_from("isbi2012"),
    cache: CACHING and "omit-software"  # every pixel is verified
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    message:
        "Download and verify {wildcards.dataset}"
    shell:
        "python {input.code[0]:q}"
        " --train-volume {output.train_volume} --train-labels {output.train_labels}"
        " --test-volume {output.test_volume} --test-labels {output.test_labels}"
        " --provenance {output.provenance} --log {log}"


use rule cached_download as download with:
    benchmark:
        "results/{dataset}/benchmarks/download.tsv"
    cache: False


rule phantom:
    """Generate the embedded phantom."""
    input:
        code=code("phantom"),
        settings="results/{dataset}/settings/dataset.json",
    output:
        train_volume=stack("train-volume"),
        train_labels=stack("train-labels"),
        test_volume=stack("test-volume"),
        test_labels=stack("test-labels"),
        provenance="results/{dataset}/data/provenance.json",
    log:
        "results/{dataset}/logs/phantom.log",
    benchmark:
        "results/{dataset}/benchmarks/phantom.tsv"
    wildcard_constraints:
        dataset=datasets_from("phantom"),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    message:
        "Generate the phantom"
    shell:
        "python {input.code[0]:q} --settings {input.settings}"
        " --train-volume {output.train_volume} --train-labels {output.train_labels}"
        " --test-volume {output.test_volume} --test-labels {output.test_labels}"
        " --provenance {output.provenance} --log {log}"


rule import_stacks:
    """Check your own stacks and bring them into the workflow."""
    input:
        code=code("import_stacks"),
        settings="results/{dataset}/settings/dataset.json",
        files=lambda w: list(config["datasets"][w.dataset]["files"].values()),
    output:
        train_volume=stack("train-volume"),
        train_labels=stack("train-labels"),
        test_volume=stack("test-volume"),
        test_labels=stack("test-labels"),
        provenance="results/{dataset}/data/provenance.json",
    log:
        "results/{dataset}/logs/import_stacks.log",
    benchmark:
        "results/{dataset}/benchmarks/import_stacks.tsv"
    wildcard_constraints:
        dataset=datasets_from("files"),
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    message:
        "Check and import {wildcards.dataset}"
    shell:
        "python {input.code[0]:q} --settings {input.settings}"
        " --train-volume {output.train_volume} --train-labels {output.train_labels}"
        " --test-volume {output.test_volume} --test-labels {output.test_labels}"
        " --provenance {output.provenance} --log {log}"


use rule settings as dataset_settings with:
    output:
        json="results/{dataset}/settings/dataset.json",
    log:
        "results/{dataset}/logs/settings/dataset.log",
    benchmark:
        "results/{dataset}/benchmarks/settings/dataset.tsv"
    params:
        settings=lambda w: json.dumps(
            config["datasets"][w.dataset].get(config["datasets"][w.dataset]["source"])
        ),
    message:
        "Settings: dataset {wildcards.dataset}"


rule split:
    """List the slices that a split trains on and those that it scores."""
    input:
        code=code("split"),
        train_volume=stack("train-volume"),
        test_volume=stack("test-volume"),
    output:
        json=SPLIT,
    log:
        "results/{dataset}/logs/splits/{split}.log",
    benchmark:
        "results/{dataset}/benchmarks/splits/{split}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        name=lambda w: w.split,
        folds=config["run"]["folds"],
    message:
        "List the slices of split {wildcards.split}"
    shell:
        "python {input.code[0]:q} --name {params.name} --folds {params.folds}"
        " --train-volume {input.train_volume} --test-volume {input.test_volume}"
        " --output {output.json} --log {log}"
