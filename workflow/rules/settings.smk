# Before the stages: settings and lists of runs, as files that are compared by content.


rule settings:
    """Write named settings to a file."""
    output:
        json="results/{dataset}/settings/{stage}/{name}.json",
    log:
        logs("settings/{stage}/{name}"),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        json=lambda w: as_json(of_program(config[w.stage][w.name], w.stage)),
    shell:
        JSON


use rule settings as dataset_settings with:
    output:
        json="results/{dataset}/settings/dataset.json",
    log:
        logs("settings/dataset"),
    localrule: True
    params:
        json=lambda w: as_json(
            config["datasets"][w.dataset].get(config["datasets"][w.dataset]["source"])
        ),


use rule settings as run_list with:
    output:
        json="results/{dataset}/runs/{runs}.json",
    log:
        logs("runs/{runs}"),
    localrule: True
    params:
        json=lambda w: listed(LISTED[w.runs], w.dataset),
