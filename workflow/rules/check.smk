# Between data and training: what is in a dataset, and whether it can be trained on.


use rule settings as check_settings with:
    output:
        json="results/{dataset}/settings/check.json",
    log:
        logs("settings/check"),
    localrule: True
    params:
        json=lambda w: as_json(checked_settings(w.dataset)),


rule check:
    """Look for what is odd in a dataset and show it; stop if it cannot be trained on."""
    input:
        **{name.replace("-", "_"): stack(name) for name in STACKS},
        provenance=DATA["provenance"],
        settings="results/{dataset}/settings/check.json",
    output:
        page=CHECK_PAGE,
        findings=CHECK,
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
