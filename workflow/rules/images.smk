# Cells, and a page to look at them: of the test stack, and, beside the stages, of images
# that nobody has labels for, by a model that is there.


rule predict_images:
    """Predict the probability of cell interior for further images."""
    input:
        model=images_models(),
        card=images_cards(),
        volume=local(IMAGES.get("images", "NO_IMAGES")),
        inference=images_settings("inference"),
    output:
        output=images_stack("probability"),
        prediction_run=f"{SEGMENTED}/run.json",
    log:
        f"{SEGMENTED}/logs/predict.log",
    benchmark:
        f"{SEGMENTED}/logs/predict.tsv"
    wildcard_constraints:
        images=images_where(not IS_PARTITIONED),
    conda:
        ENVIRONMENT
    threads: config["run"]["threads"]
    resources:
        **needs(lambda w: predict_mem_mb(w, MODEL_INFERENCE), 720, GPU),
    params:
        **program("predict"),
        device=DEVICE,
        sizes=images_sizes(),
        scales_up_to=IMAGES["scales_up_to"],
        kept=f"{PREFIX}results/checkpoints/predictions",
    shell:
        command(
            "--device {params.device} --threads {threads} {params.sizes}"
            " --scales-up-to {params.scales_up_to} --kept {params.kept}"
        )


use rule predict_images as predict_images_affinities with:
    output:
        output=images_stack("probability"),
        affinities=f"{SEGMENTED}/affinities.tif",
        prediction_run=f"{SEGMENTED}/run.json",
    wildcard_constraints:
        images=images_where(IS_PARTITIONED),


use rule partition as partition_images with:
    input:
        probability=f"{SEGMENTED}/probability{SUFFIX}",
        affinities=f"{SEGMENTED}/affinities.tif",
        partition=images_settings("partition"),
    output:
        output=f"{SEGMENTED}/partitioned.tif",
        instances=images_stack("instances"),
    log:
        f"{SEGMENTED}/logs/partition.log",
    benchmark:
        f"{SEGMENTED}/logs/partition.tsv"
    wildcard_constraints:
        images=images_where(IS_PARTITIONED),


rule segment_images:
    """Number the cells of further images."""
    input:
        probability=f"{SEGMENTED}/probability{SUFFIX}",
    output:
        output=images_stack("instances"),
    log:
        f"{SEGMENTED}/logs/segment.log",
    benchmark:
        f"{SEGMENTED}/logs/segment.tsv"
    wildcard_constraints:
        images=images_where(not IS_PARTITIONED),
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000, runtime=120),
    params:
        **program("segment"),
        threshold=images_threshold,
        least=IMAGES["least"],
        ids=IMAGES["ids"],
    shell:
        command("{params.threshold} --least {params.least} --ids {params.ids}")


rule page_images:
    """Show further images with their cells on one page."""
    input:
        unpack(images_shown),
        probability=f"{SEGMENTED}/probability{SUFFIX}",
        instances=f"{SEGMENTED}/instances{SUFFIX}",
    output:
        output=f"{SEGMENTED}/page.html",
    log:
        f"{SEGMENTED}/logs/page.log",
    benchmark:
        f"{SEGMENTED}/logs/page.tsv"
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("slice_page"),
        threshold=images_threshold,
    shell:
        command("{params.threshold}")


use rule segment_images as segment_test with:
    input:
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
    output:
        output="results/{dataset}/instances.tif",
    log:
        logs("segment"),
    benchmark:
        benchmarks("segment")


use rule page_images as page_test with:
    input:
        volume=stack("test-volume"),
        labels=stack("test-labels"),
        probability=run_of(f"{SCORED}/probability.tif", *EXAMPLE_RUN),
        instances=TEST_INSTANCES,
    output:
        output=SLICES_PAGE,
    log:
        logs("slices"),
    benchmark:
        benchmarks("slices")
