# Stage 5: overlap-tile prediction, averaged over rotated views.


rule predict:
    """Predict the probability of cell interior for the scored slices."""
    input:
        code=code("predict"),
        model=lambda w: model_of(w.inference),
        card=f"{MODEL}/model.json",
        volume=lambda w: stack("test-volume" if w.split == "test" else "train-volume"),
        split=SPLIT,
        settings=settings("inference"),
    output:
        probability=f"{PREDICTION}/probability.tif",
    log:
        "results/{dataset}/logs/predict/{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}.log",
    benchmark:
        "results/{dataset}/benchmarks/predict/{split}/{augmentation}_{weights}_{network}_{training}_{inference}/seed{seed}.tsv"
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        mem_mb=predict_mem_mb,
        runtime=120,
        gpu=config["run"]["gpu"],
    message:
        "Predict: {wildcards.inference}, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} --model {input.model} --card {input.card}"
        " --volume {input.volume} --split {input.split} --settings {input.settings}"
        " --output {output.probability} --threads {threads} --log {log}"
