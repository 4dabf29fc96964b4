# Further images: where their results lie, and which model segments them.

from unet2015.inference.package_files import card_of, model_file

SEGMENTED = "results/predictions/{images}"
IMAGES = config["predict"]
SUFFIX = {"tiff": ".tif", "zarr": ".ome.zarr"}[IMAGES["format"]]
MODEL_DATASET = config["run"]["datasets"][0]
"""Whose model segments further images, unless another one is named."""

MODEL_INFERENCE = config["experiments"][REFERENCE]["inference"]
IS_PARTITIONED = REFERENCE in PARTITIONED
"""Whether cells come from the reference's partition instead of a threshold."""

TEST_INSTANCES = "results/{dataset}/instances.tif"
if IS_PARTITIONED:
    TEST_INSTANCES = run_of(f"{PARTITION}/instances.tif", *EXAMPLE_RUN)


def images_settings(stage):
    """Return the file of the settings that further images are predicted with."""
    path = run_of(settings(stage), *EXAMPLE_RUN)
    return path.replace("{dataset}", MODEL_DATASET)


def images_where(condition):
    """Return a wildcard constraint that fits all further images, or none."""
    return "[^/]+" if condition else "NO_IMAGES"


def named_model():
    """Return the model that is named: a file, or a folder that a package unpacks to."""
    try:
        return model_file(Path(IMAGES["model"]))
    except InputError as error:
        raise WorkflowError(f"predict.model: {error}") from None


def images_stack(name):
    """Return the output that holds a stack: a file, or the folder of an OME-Zarr."""
    path = f"{SEGMENTED}/{name}{SUFFIX}"
    return directory(path) if IMAGES["format"] == "zarr" else path


def images_models():
    """Return the models that segment further images."""
    if "model" in IMAGES:
        return [local(str(named_model()))]
    found = paths_of(model_of(MODEL_INFERENCE), trainings([EXAMPLE_RUN]))
    return [path.replace("{dataset}", MODEL_DATASET) for path in found]


def images_cards():
    """Return the card of each of these models."""
    if "model" in IMAGES:
        return [local(str(card_of(named_model())))]
    return [str(card_of(Path(path))) for path in images_models()]


def images_sizes():
    """Return options for the pixel size of further images and of the training."""
    keys = ("nm_per_pixel", "nm_per_slice")
    found = {key: IMAGES[key] for key in keys if key in IMAGES}
    folders = Path(images_models()[0]).parts
    known = [name for name in config["datasets"] if name in folders]
    trained = config["datasets"][known[0]].get("nm_per_pixel") if known else None
    if trained:
        found["trained_nm_per_pixel"] = trained
    return " ".join(f"--{key.replace('_', '-')} {found[key]}" for key in found)


def images_threshold(wildcards):
    """Return the option for the threshold: stated, or chosen on the folds, if it is."""
    known = None if "model" in IMAGES else MODEL_DATASET
    dataset = getattr(wildcards, "dataset", known)
    table = Path(f"{PREFIX}results/{dataset}/tables/thresholds.csv")
    if "threshold" in IMAGES:
        return f"--threshold {IMAGES['threshold']}"
    if not table.is_file():
        return ""
    chosen = {row["metric"]: row["threshold"] for row in read_csv(table)}
    return f"--threshold {chosen['v_rand']}"


def images_shown(wildcards):
    """Return the images and, if there are any, their labels."""
    paths = {
        "volume": IMAGES.get("images", "NO_IMAGES"),
        "labels": IMAGES.get("labels"),
    }
    return {name: local(path) for name, path in paths.items() if path}


def segmented(wildcards):
    """Return what is made of further images; say what has to be done first."""
    path = Path(IMAGES.get("images", ""))
    if "images" not in IMAGES or not path.exists():
        found = f"{path} does not exist" if "images" in IMAGES else "is not set"
        raise WorkflowError(
            f"predict.images: {found}, expected a stack or a folder of slices; run make "
            f"predict IMAGES=new.tif; relative paths start from {Path.cwd()}"
        )
    if not all(is_made(path) for path in images_models()):
        logger.warning(
            f"{images_models()[0]} is not there: it is trained first, with the default "
            "preset 7 to 10 minutes on two cores"
        )
    made = (f"probability{SUFFIX}", f"instances{SUFFIX}", "page.html")
    name = path.stem.removesuffix(".ome")  # of new.ome.tif and new.ome.zarr
    return expand(f"{SEGMENTED}/{{file}}", images=name, file=made)
