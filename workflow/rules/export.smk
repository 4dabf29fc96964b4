# Beside the stages: the trained model as ONNX, and what another backend changes.


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
