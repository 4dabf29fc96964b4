# Stage 4: training. Checkpoints are not outputs, so that a failed or killed job leaves
# them and the next try goes on from there.


rule train:
    """Train the network, on a GPU if there is one."""
    input:
        unpack(samples_of),
        unpack(initial_of),
        statistics=STATISTICS,
        network=settings("network"),
        training=settings("training"),
    output:
        model=f"{MODEL}/model.safetensors",
        card=f"{MODEL}/model.json",
        history=f"{MODEL}/history.csv",
        run=f"{MODEL}/run.json",
    log:
        logs(f"train/{TRAINING}"),
    benchmark:
        benchmarks(f"train/{TRAINING}")
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        **needs(train_mem_mb, train_minutes, GPU),
    params:
        **program("train"),
        checkpoints=PREFIX + CHECKPOINTS,
        device=DEVICE,
        initial=initial_content,
    shell:
        command(
            "--seed {wildcards.seed} --checkpoints {params.checkpoints}"
            " --device {params.device} --threads {threads}"
        )
