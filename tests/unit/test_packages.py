"""Exported models: what lies in a package, and what is read of it."""

import hashlib
import io
import json
import zipfile

import bad_files as bad
import numpy as np
import onnxruntime
import pytest
import torch
import yaml
from onnx_files import make_network
from training_files import INFERENCE, call

import export_package
import predict
import unet2015
from unet2015.data.adjacent_slices import network_input, with_neighbours
from unet2015.data.stacks import read_probability
from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError
from unet2015.inference.backends import open_models
from unet2015.inference.tiling import on_canvas
from unet2015.network.model_files import save_model

PADDED = {"width": 3, "depth": 1, "padding": "same", "norm": "batch", "in_channels": 3}
UNPADDED = {"width": 2, "depth": 2, "dropout": 0.5}
NORMALISATION = {"mean": 120.0, "std": 40.0}
RANGE = {**NORMALISATION, "intensity_range": [1000.0, 3550.0]}
SCORES = {
    "v_rand": {"value": 0.987654, "threshold": 0.3},
    "rand_error": {"value": 0.0321, "threshold": 0.7},
}


def write_model(folder, options, normalisation=NORMALISATION):
    """Write a model and three slices; return the paths by option of programs."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"model": folder / "model.safetensors", "card": folder / "model.json"}
    save_model(make_network(**options), options, normalisation, *files.values())
    rng = np.random.default_rng(3)
    stack = rng.integers(0, 256, (3, 72, 61), dtype=np.uint8)
    write_stack(folder / "volume.tif", stack)
    (folder / "inference.json").write_text(json.dumps(INFERENCE))
    return {**files, "volume": folder / "volume.tif"}


def export(folder, options, normalisation=NORMALISATION, *further):
    """Write a model and its package; return the package."""
    files = write_model(folder, options, normalisation)
    files |= {"output": folder / "package.zip", "dataset": "mine", "licence": "MIT"}
    call(export_package, files, "--authors=A. Person", *further)
    return files["output"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two models with their packages, each in a folder."""
    root = tmp_path_factory.mktemp("packages")
    scores = root / "scores.json"
    scores.write_text(json.dumps(SCORES))
    export(root / "padded", PADDED, NORMALISATION, f"--scores={scores}")
    export(root / "unpadded", UNPADDED, NORMALISATION, "--nm-per-pixel=4")
    return root


def contents(package):
    """Return the files of a package by name."""
    with zipfile.ZipFile(package) as files:
        return {name: files.read(name) for name in files.namelist()}


def rewrite(path, package, **changed):
    """Write a package again with other files; None leaves one out."""
    files = contents(package) | {n.replace("_", "."): c for n, c in changed.items()}
    with zipfile.ZipFile(path, "w") as written:
        for name, content in files.items():
            if content is not None:
                written.writestr(name, content)
    return path


def described(package):
    """Return the description of a package."""
    return yaml.safe_load(contents(package)["rdf.yaml"])


def run_onnx(package, image):
    """Return what the ONNX file of a package makes of an image, as it is described."""
    (tensor,) = described(package)["inputs"]
    levels = image.astype(np.float32)
    for step in tensor["preprocessing"]:
        known = step["kwargs"]
        if step["id"] == "clip":
            levels = np.clip(levels, known["min"], known["max"])
        else:
            levels = (levels - known["mean"]) / known["std"]
    session = onnxruntime.InferenceSession(contents(package)["model.onnx"])
    (output,) = described(package)["outputs"]
    return session.run([output["id"]], {tensor["id"]: levels.astype(np.float32)})[0]


def predicted(folder, model, **further):
    """Return the prediction of the folder's volume, in one view."""
    files = {"inference": folder / "inference.json", "volume": folder / "volume.tif"}
    files |= {"model": model, "output": folder / "probability.tif", **further}
    call(predict, files, "--device=cpu", "--threads=1")
    return read_probability(files["output"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of that library, on what it imports
@pytest.mark.parametrize("name", ["padded", "unpadded"])
def test_package_passes_its_own_test(folders, name):
    from bioimageio.core import test_model

    summary = test_model(folders / name / "package.zip")
    assert summary.status == "passed", summary.format()
    tried = {detail.name for detail in summary.details}
    for weights in ("onnx", "pytorch_state_dict"):
        assert f"Reproduce test outputs from test inputs ({weights})" in tried


@pytest.mark.parametrize("name", ["padded", "unpadded"])
def test_probability_is_that_of_a_prediction_in_one_view(folders, name):
    folder = folders / name
    expected = predicted(folder, folder / "model.safetensors")
    options = {"padded": PADDED, "unpadded": UNPADDED}[name]
    sizes, reach = make_network(**options).sizes, options.get("in_channels", 1) // 2
    volume = read_stack(folder / "volume.tif")
    margin = 0 if sizes.shrinkage else 32
    for index, probability in enumerate(expected):
        image = with_neighbours(volume, index, reach, range(len(volume)))
        found = run_onnx(folder / "package.zip", network_input(on_canvas(image, sizes)))
        height, width = probability.shape
        inside = found[0, 0, margin : margin + height, margin : margin + width]
        np.testing.assert_allclose(inside, probability, atol=1e-5)


def test_test_tensors_are_input_and_output(folders):
    package = folders / "padded/package.zip"
    files = {n: c for n, c in contents(package).items() if n.endswith(".npy")}
    arrays = {name: np.load(io.BytesIO(content)) for name, content in files.items()}
    levels, probability = arrays["test_input.npy"], arrays["test_output.npy"]
    assert levels.shape == (1, 3, 256, 256)
    assert (levels.min(), levels.max()) == (0, 255)
    np.testing.assert_allclose(run_onnx(package, levels), probability, atol=1e-5)


def test_values_of_more_than_8_bits_are_scaled_as_for_the_training(tmp_path):
    package = export(tmp_path / "deep", UNPADDED, RANGE)
    plain = export(tmp_path / "plain", UNPADDED, NORMALISATION)
    grey = np.random.default_rng(4).integers(0, 256, (1, 1, 60, 52))
    raw = 1000 + 10 * grey
    raw[grey == 255] = 65535  # clipped
    raw[grey == 0] = 3
    expected = run_onnx(plain, grey)
    np.testing.assert_allclose(run_onnx(package, raw), expected, atol=1e-5)


@pytest.mark.parametrize("options", [PADDED, UNPADDED, {"width": 2}])
def test_sizes_are_those_that_the_network_maps(tmp_path, options):
    model = described(export(tmp_path, options))
    (given,), (made,) = model["inputs"], model["outputs"]
    sizes = make_network(**options).sizes
    for axis, output in zip(given["axes"][2:], made["axes"][2:], strict=True):
        size = axis["size"]
        assert size["step"] == sizes.step
        for steps in (0, 1, 2):
            side = size["min"] + steps * sizes.step
            assert sizes.output_side(side) == side + output["size"]["offset"]
            assert sizes.output_side(side) > 2 * output.get("halo", 0)
    assert ("halo" in output) == (sizes.shrinkage == 0)


def test_same_model_is_the_same_package(folders, tmp_path):
    again = export(tmp_path, PADDED, NORMALISATION, f"--scores={folders}/scores.json")
    assert again.read_bytes() == (folders / "padded/package.zip").read_bytes()


def test_card_has_the_scores_of_the_record_and_no_others(folders):
    padded, unpadded = (
        contents(folders / name / "package.zip")["README.md"].decode()
        for name in ("padded", "unpadded")
    )
    assert "| V_Rand | 0.98765 | 0.3 |" in padded
    assert "| Rand error | 0.0321 | 0.7 |" in padded
    assert "pixel error |" not in padded
    assert "## Validation" in padded
    assert "Not known: there are no labels" in unpadded
    assert "V_Rand |" not in unpadded


def test_data_and_paper_are_cited(tmp_path):
    record = {"citation": "A et al. 2010, J 1, doi:10.1/a (data); B 2015, doi:10.1/b"}
    record |= {"licence": "for tests alone"}
    (tmp_path / "provenance.json").write_text(json.dumps(record))
    package = export(
        tmp_path, UNPADDED, NORMALISATION, f"--provenance={tmp_path}/provenance.json"
    )
    cited = {work["doi"]: work["text"] for work in described(package)["cite"]}
    assert list(cited) == ["10.1007/978-3-319-24574-4_28", "10.1/a", "10.1/b"]
    assert cited["10.1/b"] == "B 2015"
    assert "for tests alone" in contents(package)["README.md"].decode()


def test_prediction_of_a_package_is_that_of_its_model(folders, tmp_path):
    folder = folders / "padded"
    expected = predicted(folder, folder / "model.safetensors")
    package = folder / "package.zip"
    np.testing.assert_array_equal(predicted(folder, package), expected)
    with zipfile.ZipFile(package) as files:
        files.extractall(tmp_path)
    np.testing.assert_array_equal(predicted(folder, tmp_path), expected)


def test_images_are_resampled_to_the_pixel_size_that_a_package_states(folders):
    folder = folders / "unpadded"
    files = {"nm-per-pixel": 8}
    found = predicted(folder, folder / "package.zip", **files)
    stated = {"nm-per-pixel": 8, "trained-nm-per-pixel": 4}
    expected = predicted(folder, folder / "model.safetensors", **stated)
    np.testing.assert_array_equal(found, expected)


def changed_description(package, **changes):
    """Return the description with other values under config.unet2015."""
    found = described(package)
    found["config"]["unet2015"] |= changes
    return yaml.safe_dump(found)


def other_weights(package):
    """Return a state dict of the same network with other values."""
    file = io.BytesIO()
    torch.save(make_network(seed=1, **PADDED).state_dict(), file)
    return file.getvalue()


def runs_code(package, folder):
    """Return a package whose weights run code when they are loaded."""
    bad.put_pickle("evil")(folder)
    content = (folder / "evil").read_bytes()
    found = described(package)
    digest = hashlib.sha256(content).hexdigest()
    found["weights"]["pytorch_state_dict"]["sha256"] = digest
    return {"weights_pt": content, "rdf_yaml": yaml.safe_dump(found)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: {"weights_pt": other_weights(p)}, "weights.pt of .* has the sha256"),
        (lambda p: {"weights_pt": None}, "package.zip lacks weights.pt"),
        (lambda p: {"weights_pt": bytes(2**22)}, "has more than the .* bytes"),
        (lambda p: {"rdf_yaml": None}, "is no package of a model .*export it again"),
        (lambda p: {"rdf_yaml": "[" * 9**5}, "is no package of a model"),
        (lambda p: {"rdf_yaml": "weights: 3"}, "is no package of a model"),
        (lambda p: {"rdf_yaml": "\0"}, "is no package of a model"),
        (
            lambda p: {"rdf_yaml": yaml.safe_dump({**described(p), "config": {}})},
            "was written by another program .*use bioimageio.core",
        ),
        (
            lambda p: {"rdf_yaml": changed_description(p, version="9.1")},
            "was written by unet2015 9.1, expected 1.x",
        ),
        (
            lambda p: {"rdf_yaml": changed_description(p, architecture={"depht": 1})},
            "config.unet2015: architecture.depht is not a key",
        ),
        (
            lambda p: {
                "rdf_yaml": changed_description(p, architecture={**PADDED, "depth": 2})
            },
            "does not hold the weights of the network that it describes",
        ),
        (
            lambda p: {
                "rdf_yaml": changed_description(
                    p, architecture={**PADDED, "in_channels": 2}
                )
            },
            "a network of 2 channels, expected an odd number",
        ),
        (
            lambda p: {
                "rdf_yaml": changed_description(
                    p, architecture={**PADDED, "classes": 3}
                )
            },
            "a network of 3 classes, expected 2",
        ),
        (
            lambda p: {"rdf_yaml": changed_description(p, nm_per_pixel="four")},
            "nm_per_pixel is 'four', expected number",
        ),
    ],
)
def test_bad_packages_are_refused_in_one_line(folders, tmp_path, change, message):
    package = folders / "padded/package.zip"
    changed = rewrite(tmp_path / "package.zip", package, **change(package))
    refused(folders / "padded", changed, message, tmp_path)


def refused(folder, model, message, target):
    """Expect that no prediction is made by a model, and nothing is written."""
    with pytest.raises(InputError, match=message) as caught:
        predicted(folder, model, output=target / "made.tif")
    assert len(str(caught.value).splitlines()) == 1
    assert not (target / "made.tif").exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_weights_that_run_code_are_refused(folders, tmp_path):
    package = folders / "padded/package.zip"
    changed = rewrite(tmp_path / "a.zip", package, **runs_code(package, tmp_path))
    refused(folders / "padded", changed, "does not hold the weights", tmp_path)
    assert not (tmp_path / bad.MARK).exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (bad.cut("package.zip"), "cannot be read as a package .*export it again"),
        (bad.put("package.zip", "<html>404"), "cannot be read as a package"),
        (bad.remove("package.zip"), "lacks rdf.yaml"),
    ],
)
def test_damaged_files_are_refused_in_one_line(folders, tmp_path, damage, message):
    package = folders / "padded/package.zip"
    (tmp_path / "package.zip").write_bytes(package.read_bytes())
    damage(tmp_path)
    refused(folders / "padded", tmp_path / "package.zip", message, tmp_path)


def test_folder_without_a_description_is_refused(folders, tmp_path):
    message = "is a folder without rdf.yaml, expected an unpacked package"
    refused(folders / "padded", tmp_path, message, tmp_path)


def test_version_is_noted(folders):
    noted = described(folders / "padded/package.zip")["config"]["unet2015"]
    assert noted["version"] == unet2015.__version__


def test_failed_export_leaves_nothing(tmp_path):
    files = write_model(tmp_path, UNPADDED)
    pixels = np.zeros((1, 900, 900), np.uint8)
    pixels[0, 0, 0] = 9
    write_stack(tmp_path / "volume.tif", pixels)
    files |= {"output": tmp_path / "package.zip", "dataset": "a", "licence": "MIT"}
    with pytest.raises(InputError, match="has the grey level 0 throughout"):
        call(export_package, files, "--authors=A")
    assert not files["output"].exists()


def test_even_channels_are_no_slice_with_neighbours(tmp_path):
    options = {"width": 2, "depth": 1, "in_channels": 2}
    files = write_model(tmp_path, options)
    with pytest.raises(InputError, match="2 channels, expected an odd number"):
        open_models([files["model"]], [files["card"]], "cpu", 1)
