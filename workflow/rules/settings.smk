# Before the stages: the settings of each, as files that are compared by content.


rule settings:
    """Write named settings to a file, compared by content."""
    input:
        code=code("settings"),
    output:
        json="results/{dataset}/settings/{stage}/{name}.json",
    log:
        "results/{dataset}/logs/settings/{stage}/{name}.log",
    benchmark:
        "results/{dataset}/benchmarks/settings/{stage}/{name}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=200,
        runtime=5,
    params:
        settings=lambda wildcards: json.dumps(config[wildcards.stage][wildcards.name]),
    message:
        "Settings: {wildcards.stage} {wildcards.name}"
    shell:
        "python {input.code[0]:q} --settings {params.settings:q} --output {output.json}"
        " --log {log}"
