# Exported models: where they lie, and what is stated of them.

PACKAGE = "results/{dataset}/package.zip"
EXPORTED = trainings([EXAMPLE_RUN])[0]

LICENCES = {"isbi2012": "CC-BY-NC-4.0", "phantom": "MIT"}
"""Of models trained on slices that are no files of yours.

Those of the challenge may be used for software that is not commercial.
"""

AUTHORS = ["The unet2015 authors"]


def packages(wildcards):
    """Return the packages; say what has to be stated first."""
    for dataset in config["run"]["datasets"]:
        lacking = [
            f"export.{key}" for key, value in about(dataset).items() if not value
        ]
        if lacking:
            raise WorkflowError(
                f"{' and '.join(lacking)}: not set, expected who made the model of "
                f"{dataset} and under which licence (of SPDX, such as CC-BY-4.0) it may "
                "be passed on; write it beside datasets (see config/README.md)"
            )
    return expand(PACKAGE, dataset=config["run"]["datasets"])


def about(dataset):
    """Return authors and licence of a model: as stated, or of what is not yours."""
    source = config["datasets"][dataset]["source"]
    known = (
        {"authors": AUTHORS, "licence": LICENCES[source]} if source in LICENCES else {}
    )
    return {"authors": None, "licence": None, **known, **config["export"]}


def stated_of_model(wildcards):
    """Return these as options."""
    found = about(wildcards.dataset)
    options = ["--authors", *found["authors"], "--licence", found["licence"]]
    return shlex.join(options) if found["licence"] else ""
