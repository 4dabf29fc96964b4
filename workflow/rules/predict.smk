# Stage 5: overlap-tile prediction, averaged over views and networks.


rule predict:
    """Predict the probability of cell interior for the scored slices."""
    input:
        code=code("predict"),
        models=lambda w: averaged(model_of(w.inference), w),
        cards=lambda w: averaged(f"{MODEL}/model.json", w),
        volume=lambda w: stack("test-volume" if w.split == "test" else "train-volume"),
        split=SPLIT,
        settings=settings("inference"),
    output:
        probability=f"{PREDICTION}/probability.tif",
        run=f"{PREDICTION}/run.json",
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
        "python {input.code[0]:q} --model {input.models} --card {input.cards}"
        " --volume {input.volume} --split {input.split} --settings {input.settings}"
        " --output {output.probability} --run {output.run} --threads {threads} --log {log}"
