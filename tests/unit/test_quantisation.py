import importlib.util
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import tifffile
from onnx_files import NORMALISATION, make_network, write_files

from unet2015.errors import InputError
from unet2015.inference.backends import open_model
from unet2015.inference.borders import reflect
from unet2015.inference.quantisation import SIDE, calibration_image, quantise
from unet2015.network.sizes import Geometry

NETWORKS = {
    "paper": {"width": 8, "depth": 2},
    "fast": {
        "width": 8,
        "depth": 2,
        "space_to_depth": 2,
        "padding": "same",
        "norm": "batch",
    },
    "no-skip": {"width": 8, "depth": 2, "skip": "none"},
}
BOUND = 0.1
"""Largest difference between 8-bit and float32 logits, as a part of their range."""

spec = importlib.util.spec_from_file_location(
    "quantise_program", Path(__file__).parents[2] / "scripts/quantise.py"
)
program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)


def standardised(smooth, geometry, seed):
    """Make a smooth image, mean 0 and deviation 1, that the network maps."""
    side = geometry.smallest_side + 24 * geometry.step
    image = smooth((side, side), seed)
    return (image - image.mean()) / image.std()


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def files(request, tmp_path_factory):
    """Return a network, its options, its card and its ONNX file."""
    options = NETWORKS[request.param]
    unet = make_network(**options)
    _, card, path = write_files(tmp_path_factory.mktemp("model"), unet, options)
    return unet, options, card, path


def relative_error(rounded, plain, card, image):
    """Return the largest difference of the logits, as a part of their range."""
    expected, logits = (
        open_model(path, card, "cpu", 1).network(image) for path in (plain, rounded)
    )
    return np.abs(logits - expected).max() / np.ptp(expected)


def test_8_bit_logits_are_close(files, smooth, tmp_path):
    unet, options, card, plain = files
    images = [standardised(smooth, unet.geometry, seed) for seed in (1, 2)]
    quantise(plain, images, options, tmp_path / "r.onnx")
    unseen = standardised(smooth, unet.geometry, 3)
    error = relative_error(tmp_path / "r.onnx", plain, card, unseen)
    assert 1e-4 < error < BOUND


def test_calibration_on_other_grey_values_breaks_it(files, smooth, tmp_path):
    unet, options, card, plain = files
    images = [0.1 * standardised(smooth, unet.geometry, 1)]
    quantise(plain, images, options, tmp_path / "r.onnx")
    unseen = standardised(smooth, unet.geometry, 3)
    error = relative_error(tmp_path / "r.onnx", plain, card, unseen)
    assert error > 3 * BOUND


def test_every_image_counts(files, smooth, tmp_path):
    unet, options, card, plain = files
    wide = standardised(smooth, unet.geometry, 1)
    quantise(plain, [0.1 * wide, wide], options, tmp_path / "r.onnx")
    unseen = standardised(smooth, unet.geometry, 3)
    assert relative_error(tmp_path / "r.onnx", plain, card, unseen) < BOUND


def test_all_convolutions_but_the_head_have_8_bits(files, smooth, tmp_path):
    unet, options, _, plain = files
    rounded = tmp_path / "r.onnx"
    before = plain.read_bytes()
    quantise(plain, [standardised(smooth, unet.geometry, 1)], options, rounded)
    assert plain.read_bytes() == before
    assert [*tmp_path.iterdir()] == [rounded]
    assert not [path for path in plain.parent.iterdir() if "inferred" in path.name]
    model = onnx.load(rounded)
    types = {w.name: w for w in model.graph.initializer}
    made_by = {o: n for n in model.graph.node for o in n.output}
    channels = set()
    for node in model.graph.node:
        if node.op_type == "Conv" and node.name != "head":
            dequantised = made_by[node.input[1]]
            weights, scale, _ = (types[name] for name in dequantised.input)
            assert weights.data_type == onnx.TensorProto.INT8
            values = onnx.numpy_helper.to_array(weights)
            assert np.abs(values).max() <= 64  # 7 bits
            assert list(scale.dims) == [weights.dims[0]]  # a scale for each channel
            channels.add(node.name)
    assert len(channels) == 5 * 2 + 2
    head = next(n for n in model.graph.node if n.name == "head")
    assert types[head.input[1]].data_type == onnx.TensorProto.FLOAT
    noted = {prop.key: prop.value for prop in model.metadata_props}
    assert noted == {
        "architecture": json.dumps(options, sort_keys=True),
        "precision": "int8",
    }


def test_file_is_smaller(smooth, tmp_path):
    options = {"width": 24, "depth": 2}
    unet = make_network(**options)
    *_, plain = write_files(tmp_path, unet, options)
    rounded = tmp_path / "model.int8.onnx"
    quantise(plain, [standardised(smooth, unet.geometry, 1)], options, rounded)
    assert rounded.stat().st_size < 0.35 * plain.stat().st_size


def test_same_calibration_is_the_same_file(files, smooth, tmp_path):
    unet, options, _, plain = files
    images = [standardised(smooth, unet.geometry, 1)]
    for name in ("a.onnx", "b.onnx"):
        quantise(plain, images, options, tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"x" * 99),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
    ],
)
def test_damaged_file_is_refused_and_nothing_written(smooth, tmp_path, damage):
    options = {"width": 2, "depth": 1}
    unet = make_network(**options)
    *_, plain = write_files(tmp_path, unet, options)
    damage(plain)
    images = [standardised(smooth, unet.geometry, 1)]
    with pytest.raises(InputError, match=r"model.onnx is no ONNX model.*export the"):
        quantise(plain, images, options, tmp_path / "r.onnx")
    assert not (tmp_path / "r.onnx").exists()


def test_failed_quantisation_leaves_the_older_file_and_no_other(
    smooth, tmp_path, monkeypatch
):
    options = {"width": 2, "depth": 1}
    unet = make_network(**options)
    *_, plain = write_files(tmp_path, unet, options)
    rounded = tmp_path / "out/r.onnx"
    rounded.parent.mkdir()
    rounded.write_bytes(b"older")

    def stop(plain, rounded, *_, **__):
        rounded.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("unet2015.inference.quantisation.quantize_static", stop)
    with pytest.raises(OSError, match="disk full"):
        quantise(plain, [standardised(smooth, unet.geometry, 1)], options, rounded)
    assert rounded.read_bytes() == b"older"
    assert [*rounded.parent.iterdir()] == [rounded]


@pytest.mark.parametrize("shape", [(512, 512), (300, 700), (1024, 64)])
@pytest.mark.parametrize(
    "geometry",
    [Geometry(4, "valid", 1), Geometry(4, "same", 2), Geometry(5, "valid", 2)],
)
def test_calibration_image_is_the_mirrored_centre(smooth, shape, geometry):
    image = smooth(shape).astype(np.uint8)
    grey = calibration_image(image, geometry, NORMALISATION)
    side = grey.shape[0]
    assert grey.shape == (side, side)
    assert grey.dtype == np.float32
    geometry.output_side(side)
    smallest = geometry.smallest_side
    assert side == smallest or SIDE <= side < SIDE + geometry.step
    places = (reflect(np.arange(side) + (n - side) // 2, n) for n in shape)
    expected = (image[np.ix_(*places)].astype(float) - 120) / 40
    np.testing.assert_allclose(grey, expected, atol=1e-5)


def test_calibration_takes_training_slices_of_the_split_alone(
    smooth, tmp_path, monkeypatch
):
    options = {"width": 2, "depth": 1}
    _, card, plain = write_files(tmp_path, make_network(**options), options)
    stack = np.stack([smooth((64, 64), k) for k in range(9)]).astype(np.uint8)
    stack[:, 0, 0] = np.arange(9)
    tifffile.imwrite(tmp_path / "volume.tif", stack)
    split = {"train": {"slices": [0, 1, 2, 5, 6, 8]}, "score": {"slices": [3, 4, 7]}}
    (tmp_path / "split.json").write_text(json.dumps(split))
    seen = []

    def centre(image, geometry, normalisation):
        seen.append(int(image[0, 0]))
        return calibration_image(image, geometry, normalisation)

    monkeypatch.setattr(program, "calibration_image", centre)
    for count, expected in ((3, [0, 2, 8]), (6, [0, 1, 2, 5, 6, 8]), (99, None)):
        seen.clear()
        arguments = {
            "model": plain,
            "card": card,
            "volume": tmp_path / "volume.tif",
            "split": tmp_path / "split.json",
            "slices": count,
            "output": tmp_path / "r.onnx",
        }
        monkeypatch.setattr(
            "sys.argv", ["quantise.py", *(f"--{k}={v}" for k, v in arguments.items())]
        )
        program.main()
        assert seen == (expected or split["train"]["slices"])
    assert (tmp_path / "r.onnx").exists()
