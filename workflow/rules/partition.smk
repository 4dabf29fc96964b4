# Stage 6: the cells of a prediction, from its affinities.


rule partition:
    """Partition the scored slices into cells and set their borders to 0."""
    input:
        probability=f"{PREDICTION}/probability.tif",
        affinities=f"{PREDICTION}/affinities.tif",
        partition=settings("partition"),
    output:
        output=f"{PARTITION}/probability.tif",
        instances=f"{PARTITION}/instances.tif",
    log:
        logs(f"partition/{RUN}/{{partition}}"),
    benchmark:
        benchmarks(f"partition/{RUN}/{{partition}}")
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8000, runtime=60),
    params:
        **program("partition"),
    shell:
        command()
