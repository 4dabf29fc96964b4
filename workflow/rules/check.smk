# Between data and training: what is in a dataset, and whether it can be trained on.


use rule settings as check_settings with:
    output:
        json="results/{dataset}/settings/check.json",
    log:
        logs("settings/check"),
    localrule: True
    params:
        json=lambda w: as_json(checked_settings(w.dataset)),


rule usable:
    """Refuse a dataset that nothing can be trained on."""
    input:
        train_volume=stack("train-volume"),
        train_labels=stack("train-labels"),
    output:
        output=USABLE,
    log:
        logs("usable"),
    benchmark:
        benchmarks("usable")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **program("usable"),
        folds=config["run"]["folds"],
    shell:
        command("--folds {params.folds}")


rule check:
    """Show what is in a dataset, and what looks odd in it."""
    input:
        **{name.replace("-", "_"): stack(name) for name in STACKS},
        provenance=DATA["provenance"],
        settings="results/{dataset}/settings/check.json",
        also=USABLE,
    output:
        page=CHECK_PAGE,
        findings="results/{dataset}/check.json",
    log:
        logs("check"),
    benchmark:
        benchmarks("check")
    priority: 100  # before what takes longer
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("check"),
    shell:
        command()
