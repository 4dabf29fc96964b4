import inspect
import subprocess
import sys

import numpy as np
import onnx
import pytest
import torch
from onnx_files import make_network, write_files

from unet2015.data.adjacent_slices import network_input
from unet2015.errors import InputError
from unet2015.inference.backends import open_model
from unet2015.inference.onnx_export import export_model
from unet2015.network.layers import unet_layers

NETWORKS = {
    "paper": {"width": 4},
    "fast": {
        "width": 4,
        "space_to_depth": 2,
        "padding": "same",
        "norm": "batch",
        "dropout": 0,
    },
    "no-skip": {"width": 4, "skip": "none"},
    "no-skip-padded": {"width": 3, "depth": 3, "skip": "none", "padding": "same"},
    "valid-stem-4": {"width": 3, "depth": 2, "space_to_depth": 4, "norm": "batch"},
    "shallow": {"width": 2, "depth": 1, "dropout": 0.9},
    "neighbours": {"in_channels": 3, "width": 2, "depth": 2, "space_to_depth": 2},
    "affinities": {
        "width": 2,
        "depth": 2,
        "space_to_depth": 2,
        "affinities": [[0, 0, 1], [0, 9, -4]],
    },
    "three-classes": {"width": 2, "depth": 2, "classes": 3, "space_to_depth": 2},
}


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def exported(request, tmp_path_factory):
    """Return a network and the function that onnxruntime makes of its export."""
    options = NETWORKS[request.param]
    unet = make_network(**options)
    _, card, path = write_files(tmp_path_factory.mktemp("model"), unet, options)
    return unet, open_model(path, card, "cpu", 1).network


def noise(unet, height, width):
    """Return an image with as many channels as a network sees."""
    rng = np.random.default_rng(1)
    shape = height, width, unet.layers[0].inputs
    return rng.standard_normal(shape, dtype=np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [(0, 0), (1, 0), (0, 3), (2, 1)])
def test_logits_are_those_of_torch_at_any_size(exported, steps):
    unet, network = exported
    smallest, step = unet.sizes.smallest_side, unet.sizes.step
    height, width = (smallest + k * step for k in steps)
    image = noise(unet, height, width)
    with torch.inference_mode():
        expected = unet(torch.from_numpy(network_input(image)))[0].numpy()
    logits = network(image)
    assert logits.dtype == np.float32
    assert logits.shape == expected.shape
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4 * np.ptp(expected))


def test_same_input_gives_the_same_logits(exported):  # no dropout
    unet, network = exported
    side = unet.sizes.smallest_side
    image = noise(unet, side, side)
    np.testing.assert_array_equal(network(image), network(image))


def test_every_option_of_the_network_is_tried():
    tried = {key for options in NETWORKS.values() for key in options}
    assert tried == set(inspect.signature(unet_layers).parameters)


def test_file_states_opset_free_sides_and_network(tmp_path):
    options = NETWORKS["fast"]
    *_, path = write_files(tmp_path, make_network(**options), options)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    (grey,), (logits,) = model.graph.input, model.graph.output
    for value, name, channels in ((grey, "grey", 1), (logits, "logits", 2)):
        batch, depth, *sides = value.type.tensor_type.shape.dim
        assert value.name == name
        assert (batch.dim_value, depth.dim_value) == (1, channels)
        assert all(side.dim_param for side in sides)
    assert {"Dropout", "BatchNormalization"}.isdisjoint(
        node.op_type for node in model.graph.node
    )
    noted = {prop.key: prop.value for prop in model.metadata_props}
    assert noted["precision"] == "float32"
    assert '"norm": "batch"' in noted["architecture"]


def test_same_network_is_the_same_file(tmp_path):
    unet = make_network(width=2, depth=1)
    for name in ("a", "b"):
        export_model(unet, {"width": 2, "depth": 1}, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_network_is_left_as_it_was(tmp_path):
    unet = make_network(**NETWORKS["fast"])
    before = {key: value.clone() for key, value in unet.state_dict().items()}
    export_model(unet, NETWORKS["fast"], tmp_path / "model.onnx")
    for key, value in unet.state_dict().items():
        assert torch.equal(value, before[key]), key


def fail_when_checked(monkeypatch):
    def refuse(*_, **__):
        raise onnx.checker.ValidationError("wrong graph")

    monkeypatch.setattr("onnx.checker.check_model", refuse)


def fail_when_written(monkeypatch):
    def stop(model, path):
        path.write_bytes(model.SerializeToString()[:100])
        raise OSError("disk full")

    monkeypatch.setattr("onnx.save_model", stop)


@pytest.mark.parametrize("fail", [fail_when_checked, fail_when_written])
def test_failed_export_leaves_the_older_file_and_no_other(tmp_path, monkeypatch, fail):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"older")
    fail(monkeypatch)
    with pytest.raises((OSError, onnx.checker.ValidationError)):
        export_model(make_network(width=2, depth=1), {}, path)
    assert path.read_bytes() == b"older"
    assert [*tmp_path.iterdir()] == [path]


def test_too_large_a_network_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("unet2015.inference.onnx_export.LARGEST", 1000)
    with pytest.raises(InputError, match=r"take 0.0 GB, expected at most .* torch"):
        export_model(make_network(width=4, depth=1), {}, tmp_path / "model.onnx")
    assert not [*tmp_path.iterdir()]


def test_layer_without_a_node_is_refused(tmp_path):
    unet = make_network(width=2, depth=1)
    unet.contracting[0][1] = torch.nn.GELU()
    with pytest.raises(TypeError, match=r"contracting.0.1 is GELU.* no ONNX node"):
        export_model(unet, {}, tmp_path / "model.onnx")


def test_file_runs_without_torch(tmp_path):
    options = {"width": 2, "depth": 1}
    *_, path = write_files(tmp_path, make_network(**options), options)
    program = (
        "import sys, numpy, onnxruntime\n"
        f"s = onnxruntime.InferenceSession({str(path)!r})\n"
        "x = numpy.zeros((1, 1, 28, 44), numpy.float32)\n"
        "assert s.run(None, {'grey': x})[0].shape == (1, 2, 12, 28)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
