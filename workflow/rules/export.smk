# Beside the stages: the trained model as ONNX, and what another backend changes.


rule export:
    """Write the trained model as ONNX."""
    input:
        code=code("export"),
        model=f"{MODEL}/model.safetensors",
        card=f"{MODEL}/model.json",
    output:
        onnx=f"{MODEL}/model.onnx",
    log:
        "results/{dataset}/logs/export/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.log",
    benchmark:
        "results/{dataset}/benchmarks/export/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
    message:
        "Export: {wildcards.network} network, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} --model {input.model} --card {input.card}"
        " --output {output.onnx} --log {log}"


rule table_parity:
    """Compare other backends and precisions with torch, on held-out slices."""
    input:
        code=code("table_parity"),
        models=parity_paths(first_model),
        probabilities=parity_paths(lambda name: f"{PREDICTION}/probability.tif"),
        scores=parity_paths(lambda name: f"{PREDICTION}/scores.csv"),
    output:
        csv="results/{dataset}/tables/parity.csv",
        markdown=report(
            "results/{dataset}/tables/parity.md",
            caption="../report/parity.rst",
            category="{dataset}",
        ),
    log:
        "results/{dataset}/logs/table_parity.log",
    benchmark:
        "results/{dataset}/benchmarks/table_parity.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
    params:
        runs=json.dumps(
            [
                {
                    "inference": name,
                    "peer": PEERS.get(name, name),
                    **{
                        key: config["inference"][name][key]
                        for key in ("backend", "precision", "test_time_augmentation")
                    },
                }
                for name in PARITY
            ]
        ),
    message:
        "Compare backends and precisions"
    shell:
        "python {input.code[0]:q} --models {input.models}"
        " --probabilities {input.probabilities} --scores {input.scores}"
        " --runs-json {params.runs:q} --csv {output.csv} --markdown {output.markdown}"
        " --log {log}"
