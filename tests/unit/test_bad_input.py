"""What every program says of every kind of bad input, as one table.

A program that refuses its input ends with one line and status 1, leaves no file
behind and leaves older outputs as they were. The line names the offending value,
the bound that it breaks and the cure.
"""

import json
import re
import shutil
import warnings
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import bad_files as bad
import numpy as np
import pytest
import torch
from tiny_data import STACKS as TINY
from tiny_data import archive_files, flipped, tiny_dataset, write_files, zip_bytes
from training_files import (
    INFERENCE,
    NETWORK,
    status_of,
    store_samples,
    write_settings,
    write_slices,
)

import augment
import check
import download
import evaluate
import export
import import_stacks
import phantom
import predict
import split
import table_scores
import train
import training_statistics
import usable
import weight_maps
from unet2015.config.validation import complete
from unet2015.data.copies import ARCHIVE
from unet2015.data.tiff import read_stack, write_stack
from unet2015.network.model_files import save_model
from unet2015.network.unet import UNet
from unet2015.settings import defaults

SHAPE = (3, 40, 36)
RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, SHAPE, dtype=np.uint8)
LABELS = np.where(RANDOM.random(SHAPE) < 0.8, 255, 0).astype(np.uint8)
CORNER = np.zeros_like(LABELS)
CORNER[0, 0, 0] = 1
PROBABILITY = RANDOM.random(SHAPE, dtype=np.float32)
IDS = RANDOM.integers(0, 9, SHAPE, dtype=np.uint8)
NAN = np.where(GREY == 7, np.nan, PROBABILITY).astype(np.float32)
ZIP, MEMBER = f"mirror/{ARCHIVE}", "train-volume.tif"
EXPERIMENT = ("augmentation", "weights", "network", "training", "inference")
VALID = {stage: {"a": {}} for stage in EXPERIMENT} | {
    "datasets": {"mine": {"source": "phantom"}},
    "run": {"datasets": ["mine"], "reference": "a"},
    "experiments": {"a": dict.fromkeys(EXPERIMENT, "a")},
}
PHANTOM = {"seed": 0, "slices": 1, "side": 64, "contrast": 1, "noise": 0}
RUN = {"dataset": "d", "split": "test", "experiment": "unet", "seed": 0}
RUNS = [{**RUN, "scores": "scores.csv"}]
SCORES = "slice,metric,threshold,value\nall,V_Rand,0.5,0.9\n"
STACKS = ("train-volume", "train-labels", "test-volume", "test-labels")
SPLIT_OF = "--split=split.json --output=out/made"
DOWNLOAD = ModuleType("download")
"""download.py, but of a tiny data set that only the mirror has."""
DOWNLOAD.main = partial(download.main, dataset=tiny_dataset())
CONFIG = ModuleType("config")
"""What the Snakefile does before anything else."""
CONFIG.main = lambda _: complete(json.loads(Path("config.json").read_text()))

PROGRAMS = {
    DOWNLOAD: "--provenance=out/made.json "
    + " ".join(f"--{name}=out/{name}.tif" for name in STACKS),
    CONFIG: "",
    import_stacks: "--settings=lab.json --provenance=out/made.json "
    + " ".join(f"--{name}=out/{name}.tif" for name in STACKS),
    check: "--settings=check.json --provenance=stacks.json --page=out/made.html "
    "--findings=out/made.json --train-volume=volume.tif --train-labels=truth.tif "
    "--test-volume=volume.tif --test-labels=truth.tif",
    usable: "--train-volume=volume.tif --train-labels=truth.tif --folds=3 "
    "--output=out/made.json",
    phantom: "--settings=phantom.json --provenance=out/made.json "
    + " ".join(f"--{name}=out/{name}.tif" for name in STACKS),
    split: "--name=fold0 --folds=3 --train-volume=volume.tif "
    "--test-volume=volume.tif --output=out/made.json",
    training_statistics: f"--volume=volume.tif --labels=truth.tif {SPLIT_OF}.json",
    augment: "--volume=volume.tif --labels=truth.tif --split=split.json "
    "--augmentation=augmentation.json --sample-images=out/images.npy "
    "--sample-labels=out/labels.npy",
    weight_maps: "--labels=labels.npy --weights=weights.json "
    "--statistics=statistics.json --output=out/made.npy",
    train: "--sample-images=images.npy --sample-labels=labels.npy "
    "--sample-weights=weights.npy "
    "--statistics=statistics.json --network=network.json --training=training.json "
    "--device=cpu --threads=1 --checkpoints=out/checkpoints --model=out/model "
    "--card=out/card --history=out/history --run=out/run",
    predict: "--model=model.safetensors --card=card.json --volume=volume.tif "
    "--inference=inference.json --device=cpu --threads=1 --output=out/made.tif",
    export: "--model=model.safetensors --card=card.json --output=out/made.onnx",
    evaluate: "--labels=truth.tif --probability=proposal.tif --threads=1 "
    "--output=out/made.json --scores=out/made.csv",
    table_scores: "--runs=runs.json --output=out/made.csv",
}
"""A command line of each program that works; outputs lie in out/."""

put, stack, array, change = bad.put, bad.put_stack, bad.put_array, bad.change


def nothing(_):
    """Leave the files as they are: the command line is at fault."""


class Case(NamedTuple):
    """A row of the table."""

    name: str
    program: object
    damage: object
    """Function of the folder."""
    value: str
    bound: str
    cure: str
    further: str = ""
    """One argument more."""


SAVE = "save it again as an 8-bit greyscale stack, without colour channels"
AGAIN = "the file is damaged or of another format: fetch or export it again"
THRESHOLD = "threshold the labels first"
RERUN = "delete it and run the workflow again"
RETRAIN = "train the model again"
README = "see config/README.md"
CASES = [
    # --- archives ---------------------------------------------------------------
    Case("archive that is a bomb", DOWNLOAD,
         lambda folder: put(ZIP, bad.bomb_zip(MEMBER, 2**26 + 1))(folder),
         "takes 67108865 bytes unpacked", "expected at most 67108864", "another copy"),
    Case("archive that is cut", DOWNLOAD, bad.cut(ZIP),
         "cannot be read as a zip archive", "damaged", "fetch it again"),
    Case("archive with a flipped bit", DOWNLOAD, bad.flip(ZIP, 0.1),
         "cannot be read as a zip archive", "damaged", "fetch it again"),
    Case("archive that is encrypted", DOWNLOAD, put(ZIP, bad.encrypted_zip(MEMBER)),
         "cannot be read as a zip archive", "is encrypted", "fetch it again"),
    Case("archive with other names", DOWNLOAD, put(ZIP, zip_bytes({"a.tif": b"x"})),
         "no member train-volume.tif", "no source has train-volume",
         "set UNET2015_MIRROR to a folder with train-volume.tif"),
    Case("page of an error as archive", DOWNLOAD, put(ZIP, "<html>404</html>"),
         "cannot be read as a zip archive", "not a zip file", "fetch it again"),
    Case("archive of other slices", DOWNLOAD,
         put(ZIP, archive_files({n: flipped(s) for n, s in TINY.items()})[ARCHIVE]),
         "has the pixel sha256", "expected", "use another copy"),
    # --- config (test_config.py has one for every kind of bound) ------------------
    Case("unknown section", CONFIG, change("config.json", traning={}),
         "traning is not a key", "known here", "did you mean training?"),
    Case("section that is a list", CONFIG, change("config.json", training=["fast"]),
         "training is ['fast']", "expected object", "correct it (see config"),
    Case("backend that lacks bfloat16", CONFIG,
         change("config.json", inference={"a": {"precision": "bfloat16",
                                                "backend": "onnxruntime"}}),
         "precision is 'bfloat16'", "expected 'auto' or 'float32'",
         "choose backend torch"),
    Case("fold that is not there", CONFIG,
         change("config.json", run={**VALID["run"], "splits": ["fold3"], "folds": 3}),
         "names 'fold3'", "choose one of fold0, fold1, fold2", "or define it"),
    Case("number of many digits", CONFIG,
         change("config.json", weights={"a": {"w0": 10**400}}),
         "weights.a.w0 is 1000", "expected", "correct it (see config"),
    # --- images -----------------------------------------------------------------
    Case("image of one axis more", predict, stack("volume.tif", GREY[:, None]),
         "shape (3, 1, 40, 36)", "expected greyscale slices", SAVE),
    Case("colour image", predict, put("volume.tif", bad.rgb_bytes(GREY)),
         "3 samples a pixel", "expected greyscale slices", SAVE),
    Case("colour image, read whole", split, put("volume.tif", bad.rgb_bytes(GREY)),
         "3 samples a pixel", "expected greyscale slices", SAVE),
    Case("signed image", import_stacks, stack("volume.tif", GREY.astype("i2")),
         "dtype int16", "expected uint8 grey levels 0..255", "<name>.intensity_range"),
    Case("float image", predict, stack("volume.tif", PROBABILITY),
         "dtype float32", "expected uint8 grey levels 0..255", "--intensity-range LOW"),
    Case("16-bit image without a record", predict,
         stack("volume.tif", GREY.astype("u2")), "dtype uint16",
         "expected uint8 grey levels 0..255", "to 8 bit as the training volume was"),
    Case("inverted range", predict, stack("volume.tif", PROBABILITY),
         "1.0 to 0.0", "the lower first", "state", "--intensity-range 1 0"),
    Case("complex image", predict, stack("volume.tif", GREY.astype("c8")),
         "dtype complex64", "expected integers or floating", "convert it to 8 bit",
         "--intensity-range 0 1"),
    Case("NaN in a float image", predict, stack("volume.tif", NAN),
         "holds NaN in slice", "expected numbers", "fill what is missing",
         "--intensity-range 0 1"),
    Case("nothing within a range", predict, stack("volume.tif", PROBABILITY),
         "constant (grey level 0) between 7 and 9", "expected an image",
         "state another range", "--intensity-range 7 9"),
    Case("NaN image", training_statistics, stack("volume.tif", NAN),
         "dtype float32", "expected uint8 grey levels 0..255", "convert it to 8 bit"),
    Case("constant image", predict, stack("volume.tif", np.full_like(GREY, 9)),
         "constant (grey level 9)", "expected an image", "export it again"),
    Case("image of one pixel", import_stacks, stack("volume.tif", GREY[:1, :1, :1]),
         "constant", "expected an image", "export it again"),
    Case("image of few pixels", import_stacks, stack("volume.tif", GREY[:, :8, :9]),
         "8 x 9 pixels", "expected at least 32 a side", "crop it less"),
    Case("image of zero bytes", predict, put("volume.tif", b""),
         "volume.tif cannot be read as a TIFF stack", "damaged", AGAIN),
    Case("page of an error as image", augment, put("volume.tif", "<html>404</html>"),
         "volume.tif cannot be read as a TIFF stack", "not a TIFF file", AGAIN),
    Case("PNG named TIFF", split, put("volume.tif", b"\x89PNG\r\n\x1a\n" + bytes(99)),
         "volume.tif cannot be read as a TIFF stack", "not a TIFF file", AGAIN),
    Case("image that is cut", predict, bad.cut("volume.tif"),
         "volume.tif cannot be read as a TIFF stack", "damaged", AGAIN),
    Case("image with a flipped bit", predict, bad.flip("volume.tif", 0.5),
         "volume.tif cannot be read as a TIFF stack", "decompress", AGAIN),
    Case("giant image in few bytes", split, put("volume.tif", bad.giant_bytes()),
         "it declares 1152921504606846976 bytes", "expected at most", AGAIN),
    Case("the same, slice by slice", predict, put("volume.tif", bad.giant_bytes()),
         "it declares 1152921504606846976 bytes", "expected at most", AGAIN),
    Case("image that is missing", predict, bad.remove("volume.tif"),
         "volume.tif does not exist", "", "check the path"),
    Case("folder instead of an image", evaluate, bad.make_folder("proposal.tif"),
         "proposal.tif is a folder", "expected a stack or a folder of its slices",
         "check the path"),
    # --- labels -----------------------------------------------------------------
    Case("labels of few cells", import_stacks, stack("truth.tif", 255 * CORNER),
         "255 covers 0.", "expected at least 50 %", "set datasets.<name>.interior to"),
    Case("grey labels", training_statistics, stack("truth.tif", GREY),
         "the values 0, 1, 2, 3, 4, ...", "255 = cell interior", THRESHOLD),
    Case("labels 1 and 2", import_stacks, stack("truth.tif", 1 + LABELS // 255),
         "the values 1 and 2", "255 = cell interior", "convert the labels"),
    Case("noise as ids of cells", import_stacks, stack("truth.tif", IDS),
         "the values 0..8", "255 = cell interior", "give the labels, not the image"),
    Case("ids of cells in the metrics", evaluate, stack("truth.tif", IDS),
         "the values 0, 1, 2, 3, 4, ...", "255 = cell interior", THRESHOLD),
    Case("ids without --instances", weight_maps, array("labels.npy", IDS),
         "labels.npy holds the value", "255 = cell interior", "say --instances"),
    Case("labels of another size", import_stacks, stack("truth.tif", LABELS[:, :36]),
         "shape (3, 36, 36)", "expected the same", "crop or scale one to the other"),
    Case("labels lack a slice", import_stacks, stack("truth.tif", LABELS[:2]),
         "shape (2, 40, 36)", "expected the same", "export it again"),
    Case("labels of other slices", augment, stack("truth.tif", LABELS[:2]),
         "truth.tif has (2, 40, 36)", "expected the same", "give the labels of these"),
    Case("unknown labels", import_stacks, stack("truth.tif", np.full_like(GREY, 127)),
         "127 throughout", "expected labels", "training needs them"),
    Case("unknown labels in training", augment,
         stack("truth.tif", np.full_like(GREY, 127)),
         "127 throughout", "expected 0 and 255", "training needs the truth"),
    # --- datasets (test_check.py has one for everything that is found) ------------
    Case("labels of membrane alone", usable,
         stack("truth.tif", np.where(LABELS == 0, 0, 127).astype(np.uint8)),
         "no pixel of cell interior (255)", "expected both classes", "give labels in"),
    Case("slices that are all blank", usable,
         stack("volume.tif", np.stack([np.full_like(GREY[0], k) for k in range(3)])),
         "no slice spans more than 0 grey levels", "expected more than 2",
         "export it again"),
    Case("fewer slices than folds before a split", usable, nothing,
         "has 3 slices", "fewer than the 4 folds", "set run.folds to 3", "--folds=4"),
    Case("labels of another width before a split", usable,
         stack("truth.tif", LABELS[:, :, :30]),
         "shape (3, 40, 30)", "expected the same", "crop or scale one to the other"),
    Case("labels of interior alone", check, stack("truth.tif", np.full_like(GREY, 255)),
         "no pixel of membrane (0)", "expected both classes", "give labels in which"),
    Case("labels of another number", check, stack("truth.tif", LABELS[:2]),
         "shape (2, 40, 36)", "expected the same", "export it again"),
    Case("fewer slices than folds", check, change("check.json", folds=4),
         "has 3 slices", "fewer than the 4 folds", "set run.folds to 3"),
    Case("check without a dataset", check, put("check.json", "{}"),
         "check.json lacks dataset", "expected all of dataset", RERUN),
    # --- probabilities ----------------------------------------------------------
    Case("NaN probabilities", evaluate, stack("proposal.tif", NAN),
         "proposal.tif holds NaN", "expected probabilities 0..1", "predict it again"),
    Case("probabilities 0..255", evaluate, stack("proposal.tif", 255 * PROBABILITY),
         "spans 0", "expected probabilities 0..1", "rescale it"),
    Case("8-bit probabilities", evaluate, stack("proposal.tif", GREY),
         "8-bit values 0..255", "expected probabilities 0..1", "pass --rescale"),
    Case("probabilities of other slices", evaluate,
         stack("proposal.tif", PROBABILITY[:2]),
         "shape (2, 40, 36)", "expected (3, 40, 36)", "--split names them"),
    # --- samples ----------------------------------------------------------------
    Case("samples that are cut", train, bad.cut("images.npy"),
         "images.npy cannot be read as an .npy array", "greater than file", RERUN),
    Case("samples that run code", train, bad.put_npy_pickle("images.npy"),
         "images.npy cannot be read as an .npy array", "Python objects", RERUN),
    Case("samples of another size", train,
         array("labels.npy", np.zeros((5, 8, 8), np.uint8)),
         "(5, 8, 8)", "expected three times the same (samples, side, side)",
         "delete them and run the workflow again"),
    Case("samples of another type", train,
         array("images.npy", np.zeros((5, 16, 16), "c8")),
         "images.npy has dtype complex64", "expected uint8", RERUN),
    Case("no samples at all", train,
         lambda f: [np.save(f / f"{n}.npy", np.zeros((0, 16, 16), np.uint8))
                    for n in ("images", "labels", "weights")],
         "images.npy has shape (0, 16, 16)", "expected at least one sample", RERUN),
    Case("samples that the network cannot map", train, change("network.json", depth=5),
         "side of 16 px", "sides are 32 + 32·k px", "the nearest are 32"),
    # --- settings ---------------------------------------------------------------
    Case("settings lack a key", predict, change("inference.json", tile=None),
         "inference.json: lacks tile", "", "add it (see config/README.md)"),
    Case("setting of a wrong type", train, change("training.json", batch="two"),
         "training.json: batch is 'two'", "expected integer", README),
    Case("setting out of range", augment, change("augmentation.json", samples=0),
         "augmentation.json: samples is 0", "expected at least 1", README),
    Case("setting that is NaN", weight_maps, change("weights.json", w0=np.nan),
         "weights.json: w0 is nan", "expected number", README),
    Case("unknown setting", train, change("network.json", breadth=2),
         "network.json: breadth is not a key", "known here: affinities", "width"),
    Case("unknown name of a setting", train, change("network.json", norm="layer"),
         "norm is 'layer'", "expected one of none, batch", README),
    Case("contradictory settings", predict, change("inference.json", tile=1),
         "a tile of 1 px", "too small", "use at least 22 px"),
    Case("more slices than there are", augment, change("augmentation.json", slices=9),
         "9 training slices are asked for", "expected at most 2", "0 for all"),
    Case("settings that are cut", train, bad.cut("training.json"),
         "training.json cannot be read as JSON", "", RERUN),
    Case("settings that are a list", weight_maps, put("weights.json", "[1]"),
         "weights.json holds list", "expected an object", RERUN),
    Case("settings of many brackets", predict, put("inference.json", "[" * 10**5),
         "inference.json cannot be read as JSON", "recursion", RERUN),
    Case("settings for a phantom of text", phantom, change("phantom.json", side="big"),
         "phantom.json: side is 'big'", "expected integer", README),
    Case("settings lack a stack", import_stacks,
         change("lab.json", **{STACKS[0]: None}),
         "train-volume is missing", "only test-labels", "can be left out"),
    # --- splits and statistics --------------------------------------------------
    Case("split of another stack", augment,
         put("split.json", '{"train": {"slices": [7]}}'),
         "names slice 7", "expected 0..2", "use the split of this stack"),
    Case("split without slices", augment, put("split.json", "{}"),
         "split.json lacks", '"slices": [0, 1, ...]', "write it by split.py"),
    Case("more folds than slices", split, nothing, "4 folds of 3 slices",
         "2 to 3 folds", "choose test or fold0..fold3", "--folds=4"),
    Case("statistics of null", train, change("statistics.json", std=0),
         "'std': 0", "std more than 0", "write it by training_statistics.py"),
    Case("statistics of text", train, change("statistics.json", mean="grey"),
         "'mean': 'grey'", "expected numbers", "write it by training_statistics.py"),
    # --- models -----------------------------------------------------------------
    Case("weights of another network", predict,
         change("card.json", architecture={**NETWORK, "width": 3}),
         "model.safetensors does not hold", "that card.json describes", RETRAIN),
    Case("network of two slices", predict,
         change("card.json", architecture={**NETWORK, "in_channels": 2}),
         "card.json describes a network of 2 channels",
         "expected an odd number", "name another model"),
    Case("network of three classes", predict,
         change("card.json", architecture={**NETWORK, "classes": 3}),
         "network of 3 classes", "expected 2", "name another model"),
    Case("weights of more slices", predict,
         change("card.json", architecture={**NETWORK, "in_channels": 3}),
         "model.safetensors does not hold", "that card.json describes", RETRAIN),
    Case("network of a later version", predict,
         change("card.json", architecture={**NETWORK, "attention": True}),
         "attention is not a key", "known here", RETRAIN),
    Case("weights that are cut", predict, bad.cut("model.safetensors"),
         "model.safetensors does not hold", "that card.json describes", RETRAIN),
    Case("weights with a flipped bit", export, bad.flip("model.safetensors", 0.95),
         "model.safetensors does not hold", "its sha256 is another", RETRAIN),
    Case("weights that run code", predict, bad.put_pickle("model.safetensors"),
         "model.safetensors does not hold", "that card.json describes", RETRAIN),
    Case("network of a hundred billion weights", predict,
         change("card.json", architecture={"width": 512, "depth": 7}),
         "model.safetensors does not hold", "that card.json describes", RETRAIN),
    Case("network out of range", predict,
         change("card.json", architecture={**NETWORK, "depth": 10**6}),
         "depth is 1000000", "expected at most 7", RETRAIN),
    Case("network of no known kind", export,
         change("card.json", architecture={**NETWORK, "padding": "zero"}),
         "padding is 'zero'", "expected one of valid, same", RETRAIN),
    Case("card whose deviation is 0", predict,
         change("card.json", normalisation={"mean": 1, "std": 0}),
         "std is 0", "expected more than 0", RETRAIN),
    Case("card that is missing", export, bad.remove("card.json"),
         "card.json is no model description", "No such file", RETRAIN),
    Case("damaged ONNX file", predict,
         put("a.onnx", "ONNX"), "a.onnx cannot be opened by onnxruntime", "",
         "export the network again", "--model=a.onnx"),
    # --- tables -----------------------------------------------------------------
    Case("scores with other columns", table_scores, put("scores.csv", "a,b\n1,2\n"),
         "the columns a, b", "expected slice, metric", "give a table of scores"),
    Case("scores of zero bytes", table_scores, put("scores.csv", b""),
         "scores.csv cannot be read as CSV", "not enough values", RERUN),
    Case("scores with a cell too many", table_scores,
         put("scores.csv", SCORES.replace("all,", "x,all,")),
         "a row of 5 cells", "expected 4 as in its head", RERUN),
    Case("scores with a cell too few", table_scores,
         put("scores.csv", SCORES.replace(",0.9", "")),
         "a row of 3 cells", "expected 4 as in its head", RERUN),
    Case("run without scores", table_scores, put("runs.json", json.dumps([RUN])),
         "'split': 'test'", "expected a list of objects with dataset", "correct it"),
    Case("a single run", table_scores, put("runs.json", '{"dataset": "isbi2012"}'),
         "describes a run by {'dataset'", "expected a list of objects", "correct it"),
    Case("run that is no list", table_scores, put("runs.json", '"scores.csv"'),
         "describes a run by scores.csv", "expected a list of objects", "correct it"),
    Case("list of no runs", table_scores, put("runs.json", "[]"),
         "0 runs are listed", "expected at least 1", "add one"),
    Case("list of runs that is cut", table_scores, bad.cut("runs.json"),
         "runs.json cannot be read as JSON", "", RERUN),
    # --- outputs ----------------------------------------------------------------
    Case("folder in the place of the output", split, nothing,
         "out/folder", "Is a directory", "", "--output=out/folder"),
    Case("output below a file", split, nothing,
         "split.json", "exists", "", "--output=split.json/made.json"),
    Case("device that is not there", train, nothing,
         "device is 'tpu'", "expected auto, cpu, cuda", "", "--device=tpu"),
]  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Write a folder of files that every program accepts."""
    folder = tmp_path_factory.mktemp("good")
    write_slices(folder)
    write_settings(folder, augmentation={}, network={}, training={}, weights={})
    store_samples(folder)
    for name, pixels in (
        ("volume", GREY),
        ("truth", LABELS),
        ("proposal", PROBABILITY),
    ):
        write_stack(folder / f"{name}.tif", pixels)
    torch.manual_seed(0)
    model, card = folder / "model.safetensors", folder / "card.json"
    save_model(UNet(**NETWORK), NETWORK, {"mean": 127.0, "std": 40.0}, model, card)
    lab = {name: "volume.tif" if "volume" in name else "truth.tif" for name in STACKS}
    for name, value in (("lab", lab), ("inference", INFERENCE), ("phantom", PHANTOM)):
        (folder / f"{name}.json").write_text(json.dumps(value))
    (folder / "config.json").write_text(json.dumps(VALID))
    checked = {"dataset": "mine", "entry": {"source": "phantom"}, "folds": 3} | {
        stage: {"name": "a", **defaults(stage)}
        for stage in ("augmentation", "weights", "network")
    }
    (folder / "check.json").write_text(json.dumps(checked))
    known = {"shape": SHAPE, "sha256": "1f", "available": True}
    stacks = {"stacks": dict.fromkeys(STACKS, known)}
    (folder / "stacks.json").write_text(json.dumps(stacks))
    write_files(folder / "mirror", archive_files())
    (folder / "scores.csv").write_text(SCORES)
    (folder / "runs.json").write_text(json.dumps(RUNS))
    (folder / "out" / "folder").mkdir(parents=True)
    return folder


@pytest.fixture
def folder(good, tmp_path, monkeypatch):
    """Copy the good files and work among them."""
    monkeypatch.setenv("UNET2015_MIRROR", "mirror")
    monkeypatch.chdir(shutil.copytree(good, tmp_path / "work"))
    return tmp_path / "work"


def run(program, *further):
    """Run a program; return its status."""
    return status_of(program, *PROGRAMS[program].split(), *further)


def outputs_of(program):
    """Return the files that a program writes."""
    return re.findall(r"=(out/[a-z.-]+)", PROGRAMS[program].replace("out/checkp", ""))


def contents(folder):
    """Return what lies in a folder, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_good_files_are_accepted(program, folder):
    # Else a program might refuse everything, for another reason.
    assert run(program) == 0
    assert all((folder / path).is_file() for path in outputs_of(program))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_line_says_what_is_wrong(case, folder, capsys):
    for path in outputs_of(case.program):
        (folder / path).write_text("older")
    case.damage(folder)
    before = contents(folder)
    status = run(case.program, *case.further.split())
    shown = capsys.readouterr().err
    assert status == 1, shown
    assert "Traceback" not in shown
    message = shown[shown.rindex("\nerror: ") :] if "\nerror: " in shown else shown
    assert message.strip().startswith("error: ")
    for part in (case.value, case.bound, case.cure):
        assert part in message
    assert contents(folder) == before


def test_the_table_has_a_row_for_each_kind_and_no_row_twice():
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert {case.program for case in CASES} == set(PROGRAMS)


@pytest.mark.parametrize("sides", [(33, 47), (1, 50), (50, 1), (1, 1), (2, 3)])
def test_slices_of_odd_sizes_are_predicted(sides, folder):
    slices = np.arange(2 * sides[0] * sides[1], dtype=np.uint8).reshape(2, *sides)
    write_stack(folder / "volume.tif", slices)
    assert run(predict) == 0
    made = read_stack(folder / "out/made.tif")
    assert made.shape == slices.shape
    assert np.isfinite(made).all()


def test_more_neighbours_than_slices_are_warned_of(folder, capsys):
    torch.manual_seed(0)
    network = {**NETWORK, "in_channels": 7}
    paths = folder / "model.safetensors", folder / "card.json"
    save_model(UNet(**network), network, {"mean": 127.0, "std": 40.0}, *paths)
    assert run(predict) == 0
    assert "the network sees 3 slices on either side of one, of 3 in" in (
        capsys.readouterr().err
    )
    assert read_stack(folder / "out/made.tif").shape == SHAPE


@pytest.mark.parametrize("kind", ["scales", "rotations"])
def test_slices_smaller_than_a_tile_are_predicted_in_all_views(kind, folder):
    stack("volume.tif", GREY[:, :2, :3])(folder)
    change("inference.json", test_time_augmentation=kind)(folder)
    assert run(predict, "--nm-per-pixel=4", "--trained-nm-per-pixel=30") == 0
    made = read_stack(folder / "out/made.tif")
    assert made.shape == (3, 2, 3)
    assert np.isfinite(made).all()


def test_a_single_slice_of_two_axes_is_predicted(folder):
    stack("volume.tif", GREY[0])(folder)
    assert run(predict) == 0
    assert read_stack(folder / "out/made.tif").shape == (1, *SHAPE[1:])


def test_missing_folders_of_outputs_are_made(folder):
    assert run(split, "--output=a/b/c.json") == 0
    assert (folder / "a/b/c.json").is_file()


def test_the_damages_do_run_code_if_they_are_loaded(tmp_path):
    # Else the rows on hostile files could not fail.
    bad.put_npy_pickle("a.npy")(tmp_path)
    with warnings.catch_warnings(action="ignore"):  # the file stays open
        np.load(tmp_path / "a.npy", allow_pickle=True)
    assert (tmp_path / bad.MARK).exists()
