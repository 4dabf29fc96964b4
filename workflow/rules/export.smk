# Beside stage 4: the trained model as ONNX, for onnxruntime and other programs.


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
        "python {input.code[0]} --model {input.model} --card {input.card}"
        " --output {output.onnx} --log {log}"


rule quantise:
    """Round the ONNX model to 8 bits, calibrated on training slices."""
    input:
        code=code("quantise"),
        model=f"{MODEL}/model.onnx",
        card=f"{MODEL}/model.json",
        volume=stack("train-volume"),
        split=SPLIT,
    output:
        onnx=f"{MODEL}/model.int8.onnx",
    log:
        "results/{dataset}/logs/quantise/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.log",
    benchmark:
        "results/{dataset}/benchmarks/quantise/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: 2
    resources:
        mem_mb=8000,
        runtime=30,
    message:
        "Quantise: {wildcards.network} network, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]} --model {input.model} --card {input.card}"
        " --volume {input.volume} --split {input.split} --output {output.onnx}"
        " --log {log}"
