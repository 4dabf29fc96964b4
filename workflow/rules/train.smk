# Stage 4: training. Checkpoints are not outputs, so that a failed or killed job
# leaves them and the next try goes on from there.


rule train:
    """Train the network, on a GPU if there is one."""
    input:
        code=code("train"),
        images=f"{SAMPLES}/images.npy",
        labels=f"{SAMPLES}/labels.npy",
        weights=f"{SAMPLES}/weights/{{weights}}.npy",
        statistics=STATISTICS,
        network=settings("network"),
        training=settings("training"),
    output:
        model=f"{MODEL}/model.safetensors",
        card=f"{MODEL}/model.json",
        history=f"{MODEL}/history.csv",
        run=f"{MODEL}/run.json",
    log:
        "results/{dataset}/logs/train/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.log",
    benchmark:
        "results/{dataset}/benchmarks/train/{split}/{augmentation}_{weights}_{network}_{training}/seed{seed}.tsv"
    wildcard_constraints:
        augmentation=augmentations(on_the_fly=False),
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        mem_mb=train_mem_mb,
        runtime=train_minutes,
        gpu=config["run"]["gpu"],
    params:
        checkpoints="results/checkpoints/{dataset}_{split}_{augmentation}_{weights}_{network}_{training}_seed{seed}",
        samples=lambda w, input: f"--images {input.images} --labels {input.labels}"
        f" --weights {input.weights}",
    message:
        "Train: {wildcards.network} network, {wildcards.training} training, {wildcards.split}, seed {wildcards.seed}"
    shell:
        "python {input.code[0]:q} {params.samples} --statistics {input.statistics}"
        " --network {input.network} --training {input.training} --seed {wildcards.seed}"
        " --model {output.model} --card {output.card} --history {output.history}"
        " --run {output.run} --checkpoints {params.checkpoints}"
        " --threads {threads} --log {log}"


use rule train as train_on_the_fly with:
    input:
        code=code("train"),
        volume=stack("train-volume"),
        truth=stack("train-labels"),
        split=SPLIT,
        augmentation=settings("augmentation"),
        weighting=settings("weights"),
        statistics=STATISTICS,
        network=settings("network"),
        training=settings("training"),
    wildcard_constraints:
        augmentation=augmentations(on_the_fly=True),
    params:
        samples=lambda w, input: f"--volume {input.volume} --truth {input.truth}"
        f" --split {input.split} --augmentation {input.augmentation}"
        f" --weighting {input.weighting}",
    message:
        "Train on samples drawn as it goes: {wildcards.network} network, {wildcards.training} training, {wildcards.split}, seed {wildcards.seed}"
