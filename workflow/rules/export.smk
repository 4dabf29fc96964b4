# Beside the stages: the trained model as ONNX and as a package for other programs, and
# what another backend changes.


rule export:
    """Write the trained model as ONNX."""
    input:
        model=f"{MODEL}/model.safetensors",
        card=f"{MODEL}/model.json",
    output:
        output=f"{MODEL}/model.onnx",
    log:
        logs(f"export/{TRAINING}"),
    benchmark:
        benchmarks(f"export/{TRAINING}")
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("export"),
    shell:
        command()


rule export_package:
    """Write the trained model as a package of bioimage.io, with its model card."""
    input:
        model=run_of(f"{MODEL}/model.safetensors", *EXPORTED),
        card=run_of(f"{MODEL}/model.json", *EXPORTED),
        run=run_of(f"{MODEL}/run.json", *EXPORTED),
        scores=run_of(f"{SCORED}/scores.json", *EXAMPLE_RUN),
        inference=run_of(
            "results/{dataset}/settings/inference/{inference}.json", *EXAMPLE_RUN
        ),
        volume=stack("test-volume"),
        provenance="results/{dataset}/data/provenance.json",
    output:
        output=PACKAGE,
    log:
        logs("export_package"),
    benchmark:
        benchmarks("export_package")
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("export_package"),
        stated=stated_of_model,
        scale=scale,
    shell:
        command("--dataset {wildcards.dataset} {params.stated} {params.scale}")


rule table_parity:
    """Compare other backends and precisions with torch, on held-out slices."""
    input:
        runs="results/{dataset}/runs/parity.json",
        also=[
            row[file]
            for row in LISTED["parity"]
            for file in ("model", "probability", "scores")
        ],
    output:
        **table("tables/parity"),
    log:
        logs("table_parity"),
    benchmark:
        benchmarks("table_parity")
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=4000),
    params:
        **program("table_parity"),
    shell:
        command()
